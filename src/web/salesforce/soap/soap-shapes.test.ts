import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XmlError } from '../../../base/xml.ts'
import { makeRecordId } from '../../../schema/record-id.ts'
import { ApiError } from '../../api-error.ts'
import type { SessionUser } from '../org-api.ts'
import { peekSessionId, readSoapRequest } from './read-soap.ts'
import { SOAP_ELEMENTS_MAX } from './soap-element.ts'
import { readSobject, writeSobject } from './sobject-xml.ts'
import { writeUserInfo } from './user-info.ts'
import { writeEnvelope, writeSalesforceFault } from './write-soap.ts'

const ACCOUNT = makeRecordId('001', 1)

const read = (text: string) => readSoapRequest(text)

test('a request is read whatever prefixes and namespaces its client uses', () => {
  const written = [
    '<se:Envelope xmlns:se="e"><se:Header/><se:Body><login xmlns="urn:partner"><username>a</username></login></se:Body></se:Envelope>',
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="e" xmlns:n="p"><SOAP-ENV:Body><n:login><n:username> a </n:username></n:login></SOAP-ENV:Body></SOAP-ENV:Envelope>',
    '<Envelope><Body xmlns="p"><login encodingStyle="x"><username><![CDATA[a]]></username></login></Body></Envelope>',
  ]
  for (const text of written) {
    const { call } = read(text)
    assert.equal(call.local, 'login')
    assert.equal(call.children[0]?.text.trim(), 'a')
  }
})

test('headers say the session, the page size and whether all or none is saved', () => {
  const { sessionId, allOrNone, pageSize } = read(
    '<e:Envelope xmlns:e="e"><e:Header xmlns="urn:partner.soap.sforce.com"><SessionHeader><sessionId>00D!x</sessionId></SessionHeader>' +
      '<QueryOptions><batchSize>250</batchSize></QueryOptions><AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader></e:Header>' +
      '<e:Body><query/></e:Body></e:Envelope>',
  )
  assert.deepEqual(
    { sessionId, allOrNone, pageSize },
    { sessionId: '00D!x', allOrNone: true, pageSize: 250 },
  )
})

test('a DOCTYPE, broken XML, no envelope and too many elements are refused', () => {
  const envelope = (body: string) => `<e:Envelope xmlns:e="e"><e:Body>${body}</e:Body></e:Envelope>`
  assert.throws(() => read(`<!DOCTYPE a [<!ENTITY b "c">]>${envelope('<x>&b;</x>')}`), XmlError)
  assert.throws(() => read('<a>'), XmlError)
  for (const text of ['<a/>', envelope(''), '<Envelope/>'])
    assert.throws(() => read(text), ApiError)
  assert.throws(() => read(envelope(`<x>${'<y/>'.repeat(SOAP_ELEMENTS_MAX)}</x>`)), /more than/)
  assert.throws(() => read(envelope('<x>'.repeat(30) + '</x>'.repeat(30))), XmlError)
})

test('the session is found without reading the body', () => {
  const head =
    '<e:Envelope xmlns:e="e"><e:Header><SessionHeader><sessionId>00D!x</sessionId></SessionHeader></e:Header><e:Body>'

  assert.equal(peekSessionId(`${head}<<< no XML at all`), '00D!x')
  assert.equal(peekSessionId('<e:Envelope xmlns:e="e"><e:Body>'), null)
  assert.throws(() => peekSessionId('<Body>'), ApiError)
})

test('a sent record has its fields, null where it says so, and leaves nil ones alone', () => {
  const { call } = read(
    '<e:Envelope xmlns:e="e" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><create><s xsi:type="ens:Account">' +
      '<type>Contact</type><fieldsToNull>Phone</fieldsToNull><Id xsi:nil="true"/><Name> a </Name><Fax xsi:nil="true"/>' +
      '<Owner><type>User</type><Key__c>k</Key__c></Owner><__proto__>p</__proto__></s><s xsi:type="ens:Account"><Id>1</Id></s></create></e:Body></e:Envelope>',
  )
  const [first, second] = call.children.map(readSobject)

  assert.equal(first?.objectName, 'Contact')
  assert.equal(first?.recordId, null)
  assert.deepEqual(
    [...(first?.fields ?? [])],
    [
      ['Phone', null],
      ['Name', ' a '],
      ['Owner', { Key__c: 'k' }],
      ['__proto__', 'p'],
    ],
  )
  assert.equal(second?.objectName, 'Account')
  assert.equal(second?.recordId, '1')
})

test('a record is written with its id twice when it was selected, and nil when not', () => {
  const fields = [
    { name: 'Id', type: 'id', value: ACCOUNT },
    { name: 'Name', type: 'string', value: 'A & B' },
    { name: 'AnnualRevenue', type: 'currency', value: '419' },
    { name: 'NumberOfEmployees', type: 'int', value: '7' },
  ] as const
  const record = { objectName: 'Account', recordId: ACCOUNT, fields }

  assert.equal(
    writeSobject('records', record, 'u'),
    `<records xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id>${ACCOUNT}</sf:Id><sf:Id>${ACCOUNT}</sf:Id>` +
      '<sf:Name>A &amp; B</sf:Name><sf:AnnualRevenue>419.0</sf:AnnualRevenue><sf:NumberOfEmployees>7</sf:NumberOfEmployees></records>',
  )
  const parent = { objectName: 'User', recordId: makeRecordId('005', 1), fields: [] }
  const selected = [{ name: 'Owner', type: null, value: parent }]
  assert.equal(
    writeSobject('records', { ...record, fields: selected }, 'u'),
    '<records xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/>' +
      '<sf:Owner xsi:type="sf:sObject"><sf:type>User</sf:type><sf:Id xsi:nil="true"/></sf:Owner></records>',
  )
  assert.match(writeSobject('records', record, 'c'), /^<records xsi:type="sf:Account"><sf:Id>/)
})

test('the envelope is the one clients find their answer in', () => {
  assert.equal(
    writeEnvelope('u', 'logout', ''),
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
      ' xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:sobject.partner.soap.sforce.com"' +
      ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><logoutResponse></logoutResponse></soapenv:Body></soapenv:Envelope>',
  )
})

test('a fault names its code with a prefix, and a query’s fault its row and column', () => {
  const fault = { errorCode: 'MALFORMED_QUERY', message: 'a < b', row: 1, column: 7 }

  const text = writeSalesforceFault('u', fault)

  assert.match(
    text,
    /<faultcode>sf:MALFORMED_QUERY<\/faultcode><faultstring>MALFORMED_QUERY: a &lt; b</,
  )
  assert.match(text, /<sf:MalformedQueryFault xsi:type="sf:MalformedQueryFault"><sf:exceptionCode>/)
  assert.match(text, /<sf:row>1<\/sf:row><sf:column>7<\/sf:column>/)
  assert.match(
    writeSalesforceFault('c', { ...fault, errorCode: 'X' }),
    /urn:fault\.enterprise.*UnexpectedErrorFault/,
  )
})

test('userInfo has the elements that the version’s WSDL has', () => {
  const user: SessionUser = {
    userId: makeRecordId('005', 1),
    username: 'a@b.c',
    firstName: null,
    lastName: 'Ada',
    email: 'a@b.c',
    alias: 'a',
    profileId: null,
    roleId: null,
    timeZone: 'UTC',
    locale: 'en_US',
    language: 'en_US',
    lastModifiedAt: 0,
    mayCustomize: false,
  }
  const org = {
    organizationId: makeRecordId('00D', 1),
    name: 'O',
    currency: 'USD',
    locale: 'en_US',
  }
  const namesIn = (version: number) =>
    [...writeUserInfo(version, { org, user }).matchAll(/<(\w+)/g)].map(([, name]) => name)

  assert.deepEqual(namesIn(27).slice(0, 4), [
    'accessibilityMode',
    'currencySymbol',
    'orgDefaultCurrencyIsoCode',
    'orgDisallowHtmlAttachments',
  ])
  assert.equal(namesIn(27).length, 20)
  assert.equal(namesIn(64).length, 24)
  assert.deepEqual(namesIn(64), namesIn(64).sort()) // the WSDL's order: capitals before small letters
})
