import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributeOf, parseXmlTree } from '../../base/xml.ts'
import { parseRecordId } from '../../schema/record-id.ts'
import type { Envelope, EnvelopeNotification } from '../envelope.ts'
import { SOBJECT_NAMESPACE, XSI_NAMESPACE } from '../envelope.ts'
import { writeDjMessage } from './write-dj-message.ts'

const acme: EnvelopeNotification = {
  notificationId: parseRecordId('04l5e00000QrSt3'),
  sObject: {
    type: 'Account',
    recordId: parseRecordId('0015e00000UvWx4'),
    fields: [
      { name: 'Fax', value: '', nil: true },
      { name: 'Industry', value: '', nil: false },
      { name: 'Name', value: 'R&D <1>', nil: false },
    ],
  },
}

const gone: EnvelopeNotification = {
  notificationId: parseRecordId('04l5e00000QrSt4'),
  sObject: null,
}

const envelope: Envelope = {
  organizationId: parseRecordId('00D5e000000Abc1'),
  actionId: parseRecordId('04k5e000000Xy2z'),
  sessionId: '00D!secret',
  enterpriseUrl: 'https://acme.example/c?a=1&b=2',
  partnerUrl: null,
  notifications: [acme, gone],
}

test('a job gets the notifications document of its notification, laid out as it was sent', () => {
  assert.equal(
    writeDjMessage(envelope, [acme]),
    `<?xml version="1.0" encoding="UTF-8"?>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <OrganizationId>00D5e000000Abc1EAC</OrganizationId>
 <ActionId>04k5e000000Xy2zAAC</ActionId>
 <SessionId xsi:nil="true"/>
 <EnterpriseUrl>https://acme.example/c?a=1&amp;b=2</EnterpriseUrl>
 <Notification>
  <Id>${acme.notificationId}</Id>
  <sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
   <sf:Id>${acme.sObject?.recordId}</sf:Id>
   <sf:Fax xsi:nil="true"/>
   <sf:Industry></sf:Industry>
   <sf:Name>R&amp;D &lt;1&gt;</sf:Name>
  </sObject>
 </Notification>
</notifications>`,
  )
})

test('the document is well formed on its own and never holds the session id', () => {
  const text = writeDjMessage(envelope, envelope.notifications)
  const root = parseXmlTree(text)
  const notifications = root.children.filter((child) => child.local === 'Notification')

  assert.equal(notifications.length, 2)
  assert.deepEqual(
    notifications[1]?.children.map((child) => child.local),
    ['Id'],
  )
  const [fax] = notifications[0]?.children[1]?.children.slice(1) ?? []
  assert.ok(fax)
  assert.equal(fax.uri, SOBJECT_NAMESPACE)
  assert.equal(attributeOf(fax, XSI_NAMESPACE, 'nil'), 'true')
  assert.ok(!text.includes('secret'))
})
