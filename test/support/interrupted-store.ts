import type { OrgStore } from '../../src/org/org-store.ts'

/** The store, with something done once, just before its next commit: the moment when a rival is felt. */
export function interrupted(store: OrgStore, once: () => Promise<unknown>): OrgStore {
  let isDone = false
  return {
    ...store,
    commit: async (changeSet) => {
      if (!isDone) {
        isDone = true
        await once()
      }
      return store.commit(changeSet)
    },
  }
}
