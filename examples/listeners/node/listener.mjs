// A listener with the npm package "soap". See ../README.md.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { listen } from 'soap'

const [wsdl = 'account.wsdl', port = '8100'] = process.argv.slice(2)

const services = {
  NotificationService: {
    Notification: {
      notifications: (message) => {
        // One notification is an object, several are an array of them.
        for (const notification of [message.Notification].flat()) {
          // Keep each notification safely before the answer goes out, and know it again by its Id: the same one may
          // come twice.
          const { attributes: _, ...record } = notification.sObject
          console.log(
            JSON.stringify({
              organizationId: message.OrganizationId,
              actionId: message.ActionId,
              notificationId: notification.Id,
              record,
            }),
          )
        }
        return { Ack: true }
      },
    },
  },
}

const server = createServer((_request, response) => response.writeHead(404).end())
server.listen(Number(port), '127.0.0.1', () => {
  listen(server, '/listener', services, readFileSync(wsdl, 'utf8'))
  console.error(`listening on http://127.0.0.1:${server.address().port}/listener`)
})
