// A node-soap server made from the outbound message's own WSDL: it acknowledges each message and keeps nothing.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import soap from 'soap'
import { answerParent } from '../support/child.ts'

answerParent(async ({ wsdlFile, path }) => {
  const server = createServer((_request, response) => response.writeHead(404).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const services = {
    NotificationService: { Notification: { notifications: () => ({ Ack: true }) } },
  }
  const xml = readFileSync(wsdlFile, 'utf8')
  soap.listen(server, { path, services, xml, enableChunkedEncoding: false })
  return { url: `http://127.0.0.1:${server.address().port}` }
})
