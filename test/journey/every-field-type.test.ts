import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parseXmlTree, type XmlElement } from '../../src/base/xml.ts'
import { ADMIN } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { REST } from '../support/rest-client.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, temporaryProject } from '../support/temporary-project.ts'

const PRECISE = '<precision>18</precision><scale>6</scale>'
const VALUES =
  '<valueSet><valueSetDefinition><sorted>false</sorted>' +
  '<value><fullName>R&amp;D</fullName><default>false</default><label>Research</label></value>' +
  '<value><fullName>Sales</fullName><default>false</default><label>Sales</label></value>' +
  '</valueSetDefinition></valueSet>'

/** Name, type and more of each custom field: what the message carries of it is in `SENT`. */
const FIELDS: readonly (readonly [string, string, string?])[] = [
  ['Account__c', 'Lookup', '<referenceTo>Account</referenceTo>'],
  ['Amount__c', 'Currency', PRECISE],
  ['Area__c', 'TextArea'],
  ['At__c', 'DateTime'],
  [
    'Counted__c',
    'Summary',
    '<summaryForeignKey>Part__c.Thing__c</summaryForeignKey><summaryOperation>count</summaryOperation>',
  ],
  ['Day__c', 'Date'],
  ['Flag__c', 'Checkbox', '<defaultValue>false</defaultValue>'],
  ['Html__c', 'Html', '<length>32768</length>'],
  ['Long__c', 'LongTextArea', '<length>32768</length>'],
  ['Mail__c', 'Email'],
  ['Many__c', 'MultiselectPicklist', VALUES],
  ['None__c', 'Text', '<length>80</length>'],
  ['Number__c', 'Number', PRECISE],
  ['One__c', 'Picklist', VALUES],
  ['Place__c', 'Location', '<scale>5</scale>'],
  ['Rate__c', 'Percent', PRECISE],
  ['Secret__c', 'EncryptedText', '<length>40</length>'],
  ['Serial__c', 'AutoNumber', '<displayFormat>T-{0000}</displayFormat>'],
  ['Site__c', 'Url'],
  ['Telephone__c', 'Phone'],
  ['Text__c', 'Text', '<length>80</length>'],
  ['Time__c', 'Time'],
  ['XCheckbox__c', 'Checkbox', '<formula>Number__c &gt; 1</formula>'],
  ['XCurrency__c', 'Currency', `<formula>Amount__c / 1000</formula>${PRECISE}`],
  ['XDate__c', 'Date', '<formula>Day__c + 1</formula>'],
  ['XDateTime__c', 'DateTime', '<formula>At__c + 0.5</formula>'],
  ['XNumber__c', 'Number', `<formula>Number__c * 10000000</formula>${PRECISE}`],
  ['XPercent__c', 'Percent', `<formula>Rate__c</formula>${PRECISE}`],
  ['XText__c', 'Text', '<formula>HYPERLINK(&quot;/x?a=1&amp;b=2&quot;, Text__c)</formula>'],
  ['XTime__c', 'Time', '<formula>Time__c</formula>'],
]

const RECORD = {
  Name: 'Thing',
  Amount__c: 139000000,
  Area__c: 'one\r\ntwo\tthree',
  At__c: '2026-09-08T23:40:33.000+02:00',
  Day__c: '2024-02-28',
  Flag__c: true,
  Html__c: '<p class="x">R&amp;D &nbsp;</p>',
  Long__c: 'a < b && c > "d"\nit\'s ]]> all',
  Mail__c: 'a@example.com',
  Many__c: 'Sales;R&D',
  Number__c: 1234.5,
  One__c: 'R&D',
  Place__Latitude__s: 51.5,
  Place__Longitude__s: -0.12575,
  Rate__c: 0.0001,
  Secret__c: 'never sent',
  Site__c: 'https://example.com/?a=1&b=2',
  Telephone__c: '+44 20 7946 0000',
  Text__c: 'Ünïcode \u0001 漢字 🚀',
  Time__c: '17:30:00.000Z',
}

/** Each line of the record's element after the id, as it must be on the wire. */
const SENT = [
  'Amount__c>1.39E8',
  'Area__c>one&#13;\ntwo\tthree',
  'At__c>2026-09-08T21:40:33.000Z',
  'Counted__c>0.0',
  'Day__c>2024-02-28',
  'Flag__c>true',
  'Html__c>&lt;p class=&quot;x&quot;&gt;R&amp;amp;D &amp;nbsp;&lt;/p&gt;',
  "Long__c>a &lt; b &amp;&amp; c &gt; &quot;d&quot;\nit's ]]&gt; all",
  'Mail__c>a@example.com',
  'Many__c>R&amp;D;Sales',
  'Name>Thing',
  'Number__c>1234.5',
  'One__c>R&amp;D',
  'Place__Latitude__s>51.5',
  'Place__Longitude__s>-0.12575',
  'Rate__c>1.0E-4',
  'Serial__c>T-0001',
  'Site__c>https://example.com/?a=1&amp;b=2',
  'Telephone__c>+44 20 7946 0000',
  'Text__c>Ünïcode \uFFFD 漢字 🚀',
  'Time__c>17:30:00.000Z',
  'XCheckbox__c>true',
  'XCurrency__c>139000.0',
  'XDateTime__c>2026-09-09T09:40:33.000Z',
  'XDate__c>2024-02-29',
  'XNumber__c>1.2345E10',
  'XPercent__c>1.0E-4',
  'XText__c>&lt;a href=&quot;/x?a=1&amp;b=2&quot; target=&quot;_blank&quot;&gt;Ünïcode \uFFFD 漢字 🚀&lt;/a&gt;',
  'XTime__c>17:30:00.000Z',
]

const TYPES: Readonly<Record<string, string>> = {
  Account__c: 'ent:ID',
  At__c: 'xsd:dateTime',
  Day__c: 'xsd:date',
  Flag__c: 'xsd:boolean',
  Time__c: 'xsd:time',
  XCheckbox__c: 'xsd:boolean',
  XDate__c: 'xsd:date',
  XDateTime__c: 'xsd:dateTime',
  XTime__c: 'xsd:time',
}
const DOUBLES = /^(Amount|Counted|Number|Place|Rate|X(Currency|Number|Percent))_/

function project(t: TestContext, endpointUrl: string): Promise<string> {
  const chosen = [
    'Name',
    'Id',
    ...FIELDS.map(([name]) => name),
    'Place__Latitude__s',
    'Place__Longitude__s',
  ]
  const fieldXml = ([name, type, more = '']: (typeof FIELDS)[number]) =>
    `<fields><fullName>${name}</fullName><label>${name}</label><type>${type}</type>${more}</fields>`
  const label = '<label>Thing</label><nameField><label>Name</label><type>Text</type></nameField>'
  return temporaryProject(t, {
    'objects/Thing__c.object': metadataXml('CustomObject', label + FIELDS.map(fieldXml).join('\n')),
    'objects/Part__c.object': metadataXml(
      'CustomObject',
      label.replace('Thing', 'Part') +
        fieldXml(['Thing__c', 'MasterDetail', '<referenceTo>Thing__c</referenceTo>']),
    ),
    'workflows/Thing__c.workflow': metadataXml(
      'Workflow',
      `<outboundMessages><fullName>Tell</fullName><apiVersion>47.0</apiVersion><endpointUrl>${endpointUrl}</endpointUrl>
       ${chosen
         .toReversed()
         .map((name) => `<fields>${name}</fields>`)
         .join('')}
       <includeSessionId>false</includeSessionId><integrationUser>${ADMIN.username}</integrationUser><name>Tell</name></outboundMessages>
       <rules><fullName>R</fullName><actions><name>Tell</name><type>OutboundMessage</type></actions><active>true</active>
       <formula>TRUE</formula><triggerType>onAllChanges</triggerType></rules>`,
    ),
  })
}

/** The children named `local` of the type named `typeName`. */
function elementsOf(root: XmlElement, typeName: string): readonly XmlElement[] {
  if (root.attributes.get('name')?.value === typeName) return within(root, 'element')
  return root.children.flatMap((child) => elementsOf(child, typeName))
}

function within(root: XmlElement, local: string): readonly XmlElement[] {
  return root.local === local ? [root] : root.children.flatMap((child) => within(child, local))
}

test('a field of every type goes from its file through a save to the bytes of the message and the WSDL', async (t) => {
  const [store] = storesUnderTest()
  assert.ok(store)
  const endpoint = await openEndpoint(t, ['Ack true'])
  const house = await openTestHouse(t, { store, folder: await project(t, endpoint.url) })
  const { json } = await house.client.call('POST', `${REST}/sobjects/Thing__c`, RECORD)
  await endpoint.receivedCount(1)

  const { id } = json as { id: string }
  const { body = '', envelope } = endpoint.received[0] ?? {}
  const org = envelope?.organizationId ?? ''
  const version = `47.0/${org.slice(0, 15)}`
  const fields = SENT.map((line) => `     <sf:${line}</sf:${line.slice(0, line.indexOf('>'))}>\n`)
  assert.equal(
    body,
    `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${org}</OrganizationId>
   <ActionId>${envelope?.actionId}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>${house.url}/services/Soap/c/${version}</EnterpriseUrl>
   <PartnerUrl>${house.url}/services/Soap/u/${version}</PartnerUrl>
   <Notification>
    <Id>${envelope?.notifications[0]?.notificationId}</Id>
    <sObject xsi:type="sf:Thing__c" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${id}</sf:Id>
${fields.join('')}    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`,
  )

  const wsdl = await fetch(`${house.url}/soap/wfoutbound.jsp?aid=${envelope?.actionId}`, {
    headers: { authorization: `Bearer ${house.token}` },
  })
  const elements = elementsOf(parseXmlTree(await wsdl.text()), 'Thing__c')
  const written = elements.map((each) => [
    each.attributes.get('name')?.value,
    each.attributes.get('type')?.value,
  ])
  const names = [...SENT.map((line) => line.slice(0, line.indexOf('>'))), 'Account__c', 'None__c']
  const typeOf = (name: string) => TYPES[name] ?? (DOUBLES.test(name) ? 'xsd:double' : 'xsd:string')
  assert.deepEqual(
    written,
    names.sort().map((name) => [name, typeOf(name)]),
  )
})
