// A receiving process of its own, to be killed: `node listener-process.ts STORE_URL` prints its URL.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openInbox } from '../../src/inbox/open-inbox.ts'
import { openStores } from '../../src/store/open-store.ts'
import { openListener } from '../../src/web/listener.ts'
import { openPeerReader } from '../../src/web/receiving/read-peer.ts'

const stores = await openStores(process.argv[2] ?? '', { secretKey: Buffer.alloc(32, 7) })
const inbox = openInbox({
  store: stores.inbox,
  classicSession: async () => ({ kind: 'trusted' }) as const,
  clock: systemClock(),
  log: silentLog,
  nudgeRunner: () => {},
})
const listener = openListener({
  inbox,
  peerOf: openPeerReader({ proxies: [], certificateHeader: null, checksAuthorities: false }),
  log: silentLog,
})
const server = createServer((request, response) => listener.answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
