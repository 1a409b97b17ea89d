import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { metadataXml, temporaryProject } from '../../test/support/temporary-project.ts'
import { fieldOf } from '../schema/object-definition.ts'
import { readProject } from './read-project.ts'

const MESSAGE = `<outboundMessages>
  <fullName>Tell</fullName><apiVersion>60.0</apiVersion><endpointUrl>https://erp.example.com/obm</endpointUrl>
  <fields>CurrencyIsoCode</fields><fields>Id</fields><includeSessionId>false</includeSessionId>
  <integrationUser>admin@example.com</integrationUser><name>Tell</name><protected>false</protected>
</outboundMessages>`

function ruleOf(condition: string): string {
  return `<rules><fullName>R</fullName><active>true</active>${condition}<triggerType>onAllChanges</triggerType></rules>`
}

async function currencyOf(t: TestContext, objectName: string, workflow: string) {
  const project = await readProject(
    await temporaryProject(t, {
      [`workflows/${objectName}.workflow`]: metadataXml('Workflow', workflow),
      'objects/Trip__c.object': metadataXml('CustomObject', '<label>Trip</label>'),
    }),
  )
  const object = project.objects.find(({ name }) => name === objectName)
  const unknown = project.problems.filter(({ code }) => code === 'FIELD_UNKNOWN')
  return { type: object && fieldOf(object, 'CurrencyIsoCode')?.type, unknown }
}

const CRITERION =
  '<criteriaItems><field>Trip__c.CurrencyIsoCode</field><operation>equals</operation><value>EUR</value></criteriaItems>'
const CHANGED =
  '<formula>TEXT(CurrencyIsoCode) &lt;&gt; TEXT(PRIORVALUE(CurrencyIsoCode))</formula>'

test('a record has a currency of its own where an outbound message, a criterion or a formula names it', async (t) => {
  for (const [objectName, workflow] of [
    ['Opportunity', MESSAGE],
    ['Trip__c', MESSAGE],
    ['Trip__c', ruleOf(CRITERION)],
    ['Opportunity', ruleOf(CHANGED)],
    ['Order__c', ruleOf(CHANGED)],
  ] as const) {
    const found = await currencyOf(t, objectName, workflow)
    assert.deepEqual(found, { type: 'picklist', unknown: [] }, `${objectName} ${workflow}`)
  }
})

test('a record has no currency of its own where nothing names it, or names only its parent’s', async (t) => {
  const ofParent = '<formula>TEXT(Account.CurrencyIsoCode) = "EUR"</formula>'
  for (const formula of ['<formula>TRUE</formula>', ofParent]) {
    assert.equal((await currencyOf(t, 'Opportunity', ruleOf(formula))).type, undefined)
  }
})
