// A node-soap client made from the outbound message's own WSDL: no queue, no record read, nothing kept.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import soap from 'soap'
import { writeWsdl } from '../../src/wire/wsdl.ts'
import { answerParent } from '../support/child.ts'
import { FIELDS, HEAD, notificationId, OBJECT, recordId, valuesOf } from './message.mjs'

const CONNECTIONS = 16
let client

answerParent(async ({ kind, endpointUrl, folder, count, batchLimit }) => {
  if (kind === 'queue') {
    client ??= await open(endpointUrl, folder)
    return { queued: 0 }
  }
  let left = count
  const post = async () => {
    while (left > 0) {
      const length = Math.min(batchLimit, left)
      left -= length
      const [answer] = await client.notificationsAsync(messageOf(length), OPTIONS)
      if (answer.Ack !== true) throw new Error(`no Ack: ${JSON.stringify(answer)}`)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  return { queued: 0 }
})

/** Connections are kept alive. */
const OPTIONS = { forever: true }

async function open(endpointUrl, folder) {
  const file = join(folder, 'outbound.wsdl')
  const facts = { messageName: 'Tell', objectName: OBJECT, fields: FIELDS, endpointUrl }
  writeFileSync(file, writeWsdl({ ...facts, generatedAt: Date.now() }))
  const opened = await soap.createClientAsync(file)
  opened.setEndpoint(endpointUrl)
  return opened
}

function messageOf(length) {
  return {
    OrganizationId: HEAD.organizationId,
    ActionId: HEAD.actionId,
    EnterpriseUrl: HEAD.enterpriseUrl,
    PartnerUrl: HEAD.partnerUrl,
    Notification: Array.from({ length }, (_, index) => ({
      Id: notificationId(),
      sObject: { Id: recordId(index + 1), ...valuesOf(index + 1) },
    })),
  }
}
