// A webhook receiver without a package: `node receiver/receive.mjs [PORT [SECRET]]`. It takes CloudEvents that are signed as
// Standard Webhooks has it, prints a line for each, and answers 204.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const [port = '8200', secret = 'whsec_ZXhhbXBsZSBvbmx5OiBtYWtlIG9uZSBvZiB5b3VyIG93bg=='] =
  process.argv.slice(2)
const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
const TOLERANCE_S = 300

// The ids that were taken. A receiver worth the name keeps them on disk, in the transaction that does its work.
const taken = new Set()

const server = createServer(async (request, response) => {
  const body = await text(request)
  if (!isSigned(request.headers, body)) return response.writeHead(401).end('not signed by us')
  const event = JSON.parse(body)
  if (!taken.has(event.id)) {
    taken.add(event.id)
    const { FirstName, LastName, Email } = event.data.notifications.Notification[0].sObject
    console.log(
      `${event.type} ${event.subject}: ${[FirstName, LastName].filter(Boolean).join(' ')} <${Email}>`,
    )
  }
  response.writeHead(204).end()
})
server.listen(Number(port), '127.0.0.1', () => {
  console.error(`listening on http://127.0.0.1:${server.address().port}/contacts`)
})

function isSigned(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) return false
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  // Several while a secret is changed: one must be right.
  return String(given)
    .split(' ')
    .map((each) => Buffer.from(each.replace(/^v1,/, ''), 'base64'))
    .some((each) => each.length === right.length && timingSafeEqual(each, right))
}
