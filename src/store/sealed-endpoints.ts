import { holdsSecret } from '../base/secrets/mask-url.ts'
import type { HealthStore } from '../health/health-store.ts'
import type { OrgStore } from '../org/org-store.ts'
import type { OutboxStore } from '../outbox/outbox-store.ts'
import type { Cipher } from './cipher.ts'

// An endpoint URL that holds a secret is kept sealed, wherever the store keeps one; others can be read with plain SQL.
// It is sealed the same each time: a lane is known by its URL, and a definition that has not changed is not written.

/** Seals the endpoint URLs of outbound messages as definitions are kept. */
export function sealDefinitions(store: OrgStore, cipher: Cipher): OrgStore {
  return {
    ...store,
    readDefinitions: async () => {
      const found = await store.readDefinitions()
      const open = (url: string) => openUrl(url, cipher)
      return { ...found, definitions: found.definitions.map((each) => withEndpoint(each, open)) }
    },
    replaceDefinitions: (source, definitions) => {
      const seal = (url: string) => sealUrl(url, cipher)
      return store.replaceDefinitions(
        source,
        definitions.map((each) => withEndpoint(each, seal)),
      )
    },
  }
}

/** Seals the endpoint URLs of lanes. */
export function sealLanes(store: OutboxStore, cipher: Cipher): OutboxStore {
  const opened = <T extends { readonly endpointUrl: string }>(each: T): T => ({
    ...each,
    endpointUrl: openUrl(each.endpointUrl, cipher),
  })
  // Sealed ones are in no order that means anything.
  const inOrder = <T extends { readonly endpointUrl: string }>(all: readonly T[]): readonly T[] =>
    all.map(opened).sort((one, other) => compare(one.endpointUrl, other.endpointUrl))
  return {
    ...store,
    lease: async (ask) => (await store.lease(ask)).map(opened),
    lanes: async () => inOrder(await store.lanes()),
    addresses: async () => inOrder(await store.addresses()),
    route: (routes, now) =>
      store.route(
        routes.map((each) => ({ ...each, endpointUrl: sealUrl(each.endpointUrl, cipher) })),
        now,
      ),
  }
}

/** Opens the endpoint URLs of lanes for health, which tells their hosts. */
export function openLanes(store: HealthStore, cipher: Cipher): HealthStore {
  return {
    ...store,
    facts: async () => {
      const found = await store.facts()
      const lanes = found.lanes.map((each) => ({
        ...each,
        endpointUrl: openUrl(each.endpointUrl, cipher),
      }))
      return { ...found, lanes }
    },
  }
}

type Definition = Parameters<OrgStore['replaceDefinitions']>[1][number]

function withEndpoint<D extends Definition>(definition: D, change: (url: string) => string): D {
  const { body } = definition
  if (definition.kind !== 'outboundMessage' || !('endpointUrl' in body)) return definition
  return { ...definition, body: { ...body, endpointUrl: change(body.endpointUrl) } }
}

function sealUrl(url: string, cipher: Cipher): string {
  return holdsSecret(url) ? cipher.sealAlike(url) : url
}

function openUrl(kept: string, cipher: Cipher): string {
  return cipher.isSealed(kept) ? cipher.open(kept) : kept
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
