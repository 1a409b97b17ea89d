import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMAND_JOB, node, runOf } from '../../../test/support/commands.ts'
import { openWebEndpoint } from '../../../test/support/egress.ts'
import { jobConfig } from '../../../test/support/receiving.ts'
import { HTTP_JOB, openTestRunJob } from '../../../test/support/run-jobs.ts'

const never = new AbortController().signal

const BODY = `<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001EAA</OrganizationId>
  <ActionId>04k000000000001AAA</ActionId><Notification><Id>04l000000000001AAA</Id>
  <sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:type="sf:Account"><sf:Id>001000000000001AAA</sf:Id><sf:Size__c>1.10</sf:Size__c></sObject></Notification></notifications>`

const FIELD_LIST = {
  objectName: 'Account',
  actionId: null,
  fields: [{ name: 'Size__c', type: 'double' }],
}

test('a command gets the message as JSON where its config says so, typed by the field list on request', async () => {
  const runJob = openTestRunJob()
  const cat = { ...COMMAND_JOB, command: node('process.stdin.pipe(process.stdout)') }
  const fieldLists = [FIELD_LIST]
  const run = runOf(BODY)

  const xml = await runJob(jobConfig({ job: cat, fieldLists }), run, never)
  const texts = await runJob(jobConfig({ job: { ...cat, input: 'json' }, fieldLists }), run, never)
  const typed = await runJob(
    jobConfig({ job: { ...cat, input: 'json', typed: true }, fieldLists }),
    run,
    never,
  )

  assert.equal(xml.log, BODY)
  assert.match(texts.log, /"Id":"001000000000001AAA","Size__c":"1\.10"/)
  assert.match(typed.log, /"Id":"001000000000001AAA","Size__c":1\.10/)
  assert.equal(JSON.parse(texts.log).properties.ObjectType, 'Account')
})

test('a URL that the operator did not list, or no longer lists, is not posted to', async (t) => {
  let postCount = 0
  const url = await openWebEndpoint(t, (_request, reply) => {
    postCount += 1
    reply.end()
  })
  const job = { ...HTTP_JOB, url }
  const policyOf = (urls: readonly string[]) =>
    ({ kind: 'listed', programs: [], workingFolders: [], urls }) as const

  const refused = await openTestRunJob(policyOf([]))(jobConfig({ job }), runOf(BODY), never)
  const posted = await openTestRunJob(policyOf([new URL(url).origin]))(
    jobConfig({ job }),
    runOf(BODY),
    never,
  )

  assert.equal(refused.kind, 'errored')
  assert.match('reason' in refused ? refused.reason : '', /jobs\.urls\): there are none$/)
  assert.equal(posted.kind, 'succeeded')
  assert.equal(postCount, 1)
})
