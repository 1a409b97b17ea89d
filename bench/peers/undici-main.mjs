// The least that a sender on Node can do: OBM's envelope writer over records in memory, posted by an undici pool. No
// queue, no store, nothing kept, no Ack read.
import { Pool } from 'undici'
import { answerParent } from '../support/child.ts'
import { HEAD, notificationId, recordId, valuesOf, writeEnvelope } from './message.mjs'

const CONNECTIONS = 16
const RECORDS = 2000
const HEADERS = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' }
const records = Array.from({ length: RECORDS }, (_, index) => ({
  recordId: recordId(index + 1),
  values: valuesOf(index + 1),
}))
let pool

answerParent(async ({ kind, endpointUrl, count, batchLimit }) => {
  const { origin, pathname } = new URL(endpointUrl)
  pool ??= new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
  if (kind === 'queue') return {}
  let left = count
  const post = async () => {
    while (left > 0) {
      const length = Math.min(batchLimit, left)
      left -= length
      const body = writeEnvelope({ ...HEAD, notifications: notificationsOf(length) })
      const answer = await pool.request({ method: 'POST', path: pathname, headers: HEADERS, body })
      await answer.body.text()
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  return {}
})

let next = 0

function notificationsOf(length) {
  return Array.from({ length }, () => {
    next = (next + 1) % RECORDS
    return { notificationId: notificationId(), ...records[next] }
  })
}
