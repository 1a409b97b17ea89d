import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseXmlTree } from '../../src/base/xml.ts'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { ADMIN, openTestWeb, type TestWeb } from '../support/open-test-web.ts'

const GONE = makeRecordId('001', 999_999)

/** A client that posts what it is given, and reads the answer as text. */
function posterOf({ url }: TestWeb, path = '/services/Soap/u/64.0') {
  return async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const sent = { 'content-type': 'text/xml', soapaction: '""', ...headers }
    const response = await fetch(url + path, { method: 'POST', headers: sent, body })
    const text = await response.text()
    parseXmlTree(text) // every answer is XML
    assert.equal(response.headers.get('content-type'), 'text/xml; charset=utf-8')
    return { status: response.status, text }
  }
}

function inEnvelope(body: string, token: string, header = ''): string {
  return (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<soapenv:Header xmlns="urn:partner.soap.sforce.com"><SessionHeader><sessionId>${token}</sessionId></SessionHeader>${header}</soapenv:Header>` +
    `<soapenv:Body xmlns="urn:partner.soap.sforce.com">${body}</soapenv:Body></soapenv:Envelope>`
  )
}

async function setup(t: TestContext) {
  const web = await openTestWeb(t)
  const post = posterOf(web)
  const call = (body: string, header = '') => post(inEnvelope(body, web.token, header))
  return { web, post, call }
}

const codeIn = (text: string) => /<faultcode>sf:(\w+)<\/faultcode>/.exec(text)?.[1]

test('PHP, Python and Perl clients sign in, each in its own dialect', async (t) => {
  const web = await openTestWeb(t)
  const { username, password } = ADMIN
  const dialects = [
    `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:partner.soap.sforce.com"><SOAP-ENV:Body><ns1:login><ns1:username>${username}</ns1:username><ns1:password>${password}</ns1:password></ns1:login></SOAP-ENV:Body></SOAP-ENV:Envelope>\n`,
    `<?xml version='1.0' encoding='utf-8'?>\n<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Body><ns0:login xmlns:ns0="urn:partner.soap.sforce.com"><ns0:username>${username}</ns0:username><ns0:password>${password}</ns0:password></ns0:login></soap-env:Body></soap-env:Envelope>`,
    `<soap:Envelope soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><login xmlns="urn:partner.soap.sforce.com"><username>${username}</username><password>${password}</password></login></soap:Body></soap:Envelope>`,
  ]
  for (const body of dialects) {
    const { status, text } = await posterOf(web, '/services/Soap/u/27.0')(body)
    assert.equal(status, 200)
    const organization = web.org.organizationId.slice(0, 15)
    assert.ok(
      text.includes(`<serverUrl>${web.url}/services/Soap/u/27.0/${organization}</serverUrl>`),
    )
    assert.match(text, /<sessionId>00D\w{12}![\w.]+<\/sessionId>/)
    assert.ok(!text.includes('orgAttachmentFileSizeLimit')) // not in the WSDL of 27.0
  }
})

test('the URL must be of this organization, of a version, and of an API there is', async (t) => {
  const { web } = await setup(t)
  const body = inEnvelope('<getUserInfo/>', web.token)
  const codeAt = async (path: string) => codeIn((await posterOf(web, path)(body)).text)

  const own = web.org.organizationId
  for (const path of [own, own.slice(0, 15), `${own.slice(0, 15)}/0DF000000000001`]) {
    assert.equal(await codeAt(`//services/Soap/u/64.0/${path}`), undefined, path)
  }
  assert.equal(await codeAt('/services/Soap/c/64.0'), undefined)
  assert.equal(await codeAt('/services/Soap/u/64.0/00D000000000009'), 'UNKNOWN_EXCEPTION')
  assert.equal(await codeAt('/services/Soap/u/newest'), 'UNSUPPORTED_API_VERSION')
  assert.equal(await codeAt('/services/Soap/m/64.0'), 'API_CURRENTLY_DISABLED')
})

test('a body may be gzip, as the Java client sends it', async (t) => {
  const { web, post } = await setup(t)

  const body = new Uint8Array(gzipSync(inEnvelope('<getServerTimestamp/>', web.token)))
  const { status, text } = await post(body, { 'content-encoding': 'gzip' })
  assert.equal(status, 200)
  assert.match(text, /<timestamp>\d{4}-\d\d-\d\dT[\d:.]+Z<\/timestamp>/)
})

test('records are created, upserted, retrieved and deleted, each with its result', async (t) => {
  const { call } = await setup(t)

  const created = await call(
    '<create><ns1:sObjects xmlns:ns1="sobject.partner.soap.sforce.com"><type>Account</type><Id xsi:nil="true"/><Name>A &amp; B</Name></ns1:sObjects>' +
      '<sObjects><type>account</type><Nme>x</Nme></sObjects></create>',
  )
  const id = /<result><id>(\w{18})<\/id><success>true<\/success><\/result>/.exec(created.text)?.[1]
  assert.ok(id, created.text)
  assert.match(
    created.text,
    /<result><errors><fields>Nme<\/fields><message>No such column[^<]*<\/message><statusCode>INVALID_FIELD<\/statusCode><\/errors><id xsi:nil="true"\/><success>false<\/success><\/result>/,
  )
  const upserted = await call(
    '<upsert><externalIDFieldName>Ext__c</externalIDFieldName><sObjects><type>Invoice__c</type><ext__c>E1</ext__c><Amount__c>1.5</Amount__c></sObjects></upsert>',
  )
  assert.match(
    upserted.text,
    /<result><created>true<\/created><id>\w{18}<\/id><success>true<\/success>/,
  )
  const retrieved = await call(
    `<retrieve><fieldList>Id, name</fieldList><sObjectType>Account</sObjectType><ids>${GONE}</ids><ids>${id}</ids></retrieve>`,
  )
  assert.ok(
    retrieved.text.includes(
      `<result xsi:nil="true"/><result xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id>${id}</sf:Id><sf:Id>${id}</sf:Id><sf:Name>A &amp; B</sf:Name></result>`,
    ),
    retrieved.text,
  )
  const deleted = await call(`<delete><ids>${id}</ids><ids>${GONE}</ids></delete>`)
  assert.ok(deleted.text.includes(`<result><id>${id}</id><success>true</success></result>`))
  assert.match(deleted.text, /<statusCode>INVALID_CROSS_REFERENCE_KEY<\/statusCode>/)
})

test('all or none is saved when the header asks for it', async (t) => {
  const { call } = await setup(t)

  const { text } = await call(
    '<create><sObjects><type>Account</type><Name>a</Name></sObjects><sObjects><type>Account</type><Nme>b</Nme></sObjects></create>',
    '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>',
  )
  assert.match(text, /ALL_OR_NONE_OPERATION_ROLLED_BACK/)
  assert.ok(!text.includes('<success>true'))
})

test('a query’s pages follow each other by locator', async (t) => {
  const { call } = await setup(t)
  const accounts = '<sObjects><type>Account</type><Name>x</Name></sObjects>'.repeat(200)
  for (let count = 0; count < 2; count += 1) await call(`<create>${accounts}</create>`)

  const options = '<QueryOptions><batchSize>300</batchSize></QueryOptions>'
  const first = await call(
    '<query><queryString>SELECT Name FROM Account</queryString></query>',
    options,
  )
  assert.match(first.text, /<result xsi:type="QueryResult"><done>false<\/done><queryLocator>01g/)
  assert.equal(first.text.match(/<records /g)?.length, 300)
  assert.match(
    first.text,
    /<sf:type>Account<\/sf:type><sf:Id xsi:nil="true"\/><sf:Name>x<\/sf:Name>/,
  )
  const [, locator] = /<queryLocator>([^<]+)</.exec(first.text) ?? []
  const second = await call(`<queryMore><queryLocator>${locator}</queryLocator></queryMore>`)
  assert.equal(second.text.match(/<records /g)?.length, 100)
  assert.match(second.text, /<done>true<\/done><queryLocator xsi:nil="true"\/>.*<size>400<\/size>/)
  const none = await call('<queryMore><queryLocator>01g</queryLocator></queryMore>')
  assert.equal(codeIn(none.text), 'INVALID_QUERY_LOCATOR')
})

test('what is wrong is told as a fault with status 500 and a code', async (t) => {
  const { web, post, call } = await setup(t)

  const cases: [string, string][] = [
    ['<query><queryString>SELEC</queryString></query>', 'MALFORMED_QUERY'],
    ['<query><queryString>SELECT Id FROM Nope</queryString></query>', 'INVALID_TYPE'],
    ['<query/>', 'MISSING_ARGUMENT'],
    [
      '<retrieve><fieldList>Id</fieldList><sObjectType>Account</sObjectType><ids>x</ids></retrieve>',
      'MALFORMED_ID',
    ],
    ['<launchRocket/>', 'UNKNOWN_METHOD'],
    ['', 'INVALID_SOAP'],
    [
      `<create>${'<sObjects><type>Account</type></sObjects>'.repeat(201)}</create>`,
      'EXCEEDED_ID_LIMIT',
    ],
  ]
  for (const [body, code] of cases) {
    const { status, text } = await call(body)
    assert.equal(status, 500, body)
    assert.equal(codeIn(text), code, text)
  }
  const query = await call(
    '<query><queryString>SELECT Id,\n  Nme FROM Account</queryString></query>',
  )
  assert.match(query.text, /<sf:InvalidFieldFault .*<sf:row>2<\/sf:row><sf:column>3<\/sf:column>/s)
  const stranger = await post(inEnvelope('<getUserInfo/>', 'nobody'))
  assert.equal(codeIn(stranger.text), 'INVALID_SESSION_ID')
  assert.match(stranger.text, /Session not found/)
  for (const body of ['', 'no XML', '<a>', '<!DOCTYPE a><a/>', '{"a":1}']) {
    const { status, text } = await post(body)
    assert.deepEqual({ status, code: codeIn(text) }, { status: 500, code: 'INVALID_SOAP' }, body)
  }
  const ended = await call('<logout/>')
  assert.match(ended.text, /<logoutResponse><\/logoutResponse>/)
  assert.equal(codeIn((await call('<getUserInfo/>')).text), 'INVALID_SESSION_ID')
  assert.equal(await web.org.sessions.verify(web.token), null)
})

test('a long body of somebody who is not signed in is not read', async (t) => {
  const { web, post } = await setup(t)
  const body = `<create>${'<x/>'.repeat(40_000)}<<< no XML`

  assert.equal(codeIn((await post(inEnvelope(body, 'nobody'))).text), 'INVALID_SESSION_ID')
  assert.equal(codeIn((await post(inEnvelope(body, web.token))).text), 'INVALID_SOAP')
})

test('objects are described over SOAP', async (t) => {
  const { call } = await setup(t)

  const { text } = await call(
    '<describeSObject><sObjectType>invoice__c</sObjectType></describeSObject>',
  )
  assert.match(text, /<describeSObjectResponse><result>.*<name>Invoice__c<\/name>/s)
  assert.equal(
    codeIn((await call('<describeSObjects><sObjectType>No</sObjectType></describeSObjects>')).text),
    'INVALID_TYPE',
  )
  assert.match((await call('<describeGlobal/>')).text, /<sobjects>.*<name>Account<\/name>/s)
})
