import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STANDARD_OBJECTS } from '../schema/standard-objects.ts'
import { checkOutboundMessage, type MessageFacts } from './check-outbound-message.ts'
import type { OutboundMessage } from './outbound-message.ts'

const MESSAGE: OutboundMessage = {
  kind: 'outboundMessage',
  objectName: 'Contact',
  fullName: 'Notify_ERP',
  name: 'Notify ERP',
  description: null,
  apiVersion: '60.0',
  endpointUrl: 'https://erp.example/in',
  fields: ['Id', 'LastName'],
  includeSessionId: false,
  integrationUser: 'integration@example.com',
  useDeadLetterQueue: false,
  isProtected: false,
  place: { file: 'Contact.workflow-meta.xml', line: 3 },
}

/** What is told of the message with these changes: code, and `!` where it can never be sent so. */
function told(
  parts: Partial<OutboundMessage>,
  facts: Partial<MessageFacts> = {},
): readonly string[] {
  const object = STANDARD_OBJECTS.find(({ name }) => name === 'Contact')
  const known: MessageFacts = { object, user: 'active', allowsAnyPort: () => false, ...facts }
  return checkOutboundMessage({ ...MESSAGE, ...parts }, known).map(
    ({ code, isFatal }) => `${code}${isFatal ? '!' : ''}`,
  )
}

test('a message that can be sent as it says earns nothing', () => {
  assert.deepEqual(told({}), [])
  assert.deepEqual(told({ endpointUrl: 'http://erp.example:8080/in' }), [])
  assert.deepEqual(told({ apiVersion: '8.0' }), [])
})

test('an endpoint that is no http or https URL is told', () => {
  for (const endpointUrl of ['', 'erp.example/in', 'ftp://erp.example/', 'https://', '/in']) {
    assert.deepEqual(told({ endpointUrl }), ['ENDPOINT_INVALID!'], endpointUrl)
  }
  const long = `https://erp.example/${'x'.repeat(8000)}`
  assert.deepEqual(told({ endpointUrl: long }), ['ENDPOINT_INVALID!'])
})

test('a port that Salesforce does not send to is told, but where the operator allows the address', () => {
  const endpointUrl = 'https://10.1.2.3:444/in'
  assert.deepEqual(told({ endpointUrl }), ['ENDPOINT_PORT!'])
  assert.deepEqual(told({ endpointUrl: 'https://erp.example:80/' }), ['ENDPOINT_PORT!'])
  const allowsAnyPort = (host: string) => host === '10.1.2.3'
  assert.deepEqual(told({ endpointUrl }, { allowsAnyPort }), [])
})

test('credentials in the URL are told, and never repeated', () => {
  for (const endpointUrl of [
    'https://user:s3cret@erp.example/in',
    'htps:/user:s3cret@erp.example',
  ]) {
    const facts = { object: undefined, user: 'active', allowsAnyPort: () => false } as const
    const problems = checkOutboundMessage({ ...MESSAGE, endpointUrl }, facts)
    assert.equal(problems.length, 1)
    assert.ok(!JSON.stringify(problems).includes('s3cret'))
  }
  assert.deepEqual(told({ endpointUrl: 'https://user@erp.example/' }), ['ENDPOINT_CREDENTIALS'])
})

test('fields that are not there or cannot be carried are told', () => {
  assert.deepEqual(told({ fields: ['Nope'] }), ['FIELD_UNKNOWN'])
  assert.deepEqual(told({ fields: ['MailingAddress'] }), ['FIELD_NOT_SENDABLE!'])
  assert.deepEqual(told({ fields: ['Name'] }), ['FIELD_NOT_SENDABLE!'])
  assert.deepEqual(told({ fields: ['Nope'] }, { object: undefined }), [])
})

test('a user to send as who is missing or inactive is told, and refuses no start', () => {
  assert.deepEqual(told({ integrationUser: '' }), ['USER_TO_SEND_AS_MISSING'])
  assert.deepEqual(told({}, { user: 'missing' }), ['USER_TO_SEND_AS_MISSING'])
  assert.deepEqual(told({}, { user: 'inactive' }), ['USER_TO_SEND_AS_INACTIVE'])
  assert.deepEqual(told({}, { user: 'unknown' }), [])
})

test('all that is wrong is told at once', () => {
  const bad = { endpointUrl: 'http://u:p@erp.example:81/', includeSessionId: true, apiVersion: 'x' }
  assert.deepEqual(told(bad, { user: 'missing' }), [
    'API_VERSION_INVALID',
    'ENDPOINT_PORT!',
    'ENDPOINT_CREDENTIALS',
    'SESSION_NEEDS_HTTPS',
    'USER_TO_SEND_AS_MISSING',
  ])
})
