import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { afterTest } from './after-test.ts'

/** What a name server says of a name; one that is not there does not exist, and of `silent` it says nothing. */
export type NamesTold = Map<string, readonly string[] | 'silent' | 'broken'>

const TYPES: Readonly<Record<number, 4 | 6>> = { 1: 4, 28: 6 }
const NO_SUCH_NAME = 3
const SERVER_FAILED = 2

/** A name server on loopback. Each name that it is asked for is in `asked`, by `NAME TYPE`. */
export async function openNameServer(
  t: TestContext,
  told: NamesTold,
  ttlSeconds = 0,
): Promise<{ readonly server: string; readonly asked: string[] }> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query)
    asked.push(`${name} ${type === 1 ? 'A' : 'AAAA'}`)
    const known = told.get(name)
    if (known === 'silent') return
    const family = TYPES[type]
    const addresses =
      known === undefined || known === 'broken'
        ? []
        : known.filter((each) => each.includes(':') === (family === 6))
    const code = known === undefined ? NO_SUCH_NAME : known === 'broken' ? SERVER_FAILED : 0
    const question = query.subarray(12, end)
    const head = Buffer.from([
      ...query.subarray(0, 2),
      0x81,
      0x80 | code,
      0,
      1,
      0,
      addresses.length,
      0,
      0,
      0,
      0,
    ])
    const answers = addresses.map((each) => writeAnswer(each, type, ttlSeconds))
    socket.send(Buffer.concat([head, question, ...answers]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  afterTest(t, () => socket.close())
  return { server: `127.0.0.1:${socket.address().port}`, asked }
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function writeAnswer(address: string, type: number, ttlSeconds: number): Buffer {
  const data = type === 1 ? address.split('.').map(Number) : bytesOfIpv6(address)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0) // the name of the question
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlSeconds, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, Buffer.from(data)])
}

function bytesOfIpv6(address: string): readonly number[] {
  const [before = '', after] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [first, last] = [groups(before), groups(after ?? '')]
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff])
}
