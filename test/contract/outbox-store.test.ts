import type { TestContext } from 'node:test'
import { storesUnderTest } from '../support/stores.ts'
import { attemptLogContract } from './attempt-log.ts'
import { outboxAheadContract } from './outbox-ahead.ts'
import { outboxHalvingContract } from './outbox-halving.ts'
import { outboxHoldsContract } from './outbox-holds.ts'
import { outboxLanesContract } from './outbox-lanes.ts'
import { outboxLoadsContract } from './outbox-loads.ts'
import { outboxPeopleContract } from './outbox-people.ts'
import { outboxStoreContract } from './outbox-store.ts'

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => {
    const { org, outbox } = await store.open(t)
    return {
      outbox,
      enqueue: async (notifications: Parameters<typeof org.commit>[0]['notifications']) => {
        await org.commit({ records: [], notifications, expectations: [] })
      },
    }
  }
  outboxStoreContract(store.name, open)
  outboxLanesContract(store.name, open)
  outboxLoadsContract(store.name, open)
  outboxHoldsContract(store.name, open)
  outboxAheadContract(store.name, open)
  outboxHalvingContract(store.name, open)
  attemptLogContract(store.name, open)
  outboxPeopleContract(store.name, open)
}
