import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { accountsProject } from '../../test/support/accounts-project.ts'
import { readProject } from '../metadata/read-project.ts'
import { ProjectRefused, refuseUnsendable } from './refuse-unsendable.ts'

type Ask = {
  readonly endpointUrl: string
  readonly egressAllow?: readonly string[]
  readonly endpoints?: Readonly<Record<string, string>>
}

/** What `obm serve` says of a project with such an outbound message; null when it starts. */
async function refusalOf(t: TestContext, ask: Ask): Promise<string | null> {
  const folder = await accountsProject(t, { messages: [{ endpointUrl: ask.endpointUrl }] })
  const endpoints = new Map(Object.entries(ask.endpoints ?? {}))
  const project = await readProject(folder)
  try {
    refuseUnsendable(project, { endpoints, egressAllow: ask.egressAllow ?? [] })
    return null
  } catch (error) {
    assert.ok(error instanceof ProjectRefused)
    assert.equal(error.errorCode, 'PROJECT_REFUSED')
    return error.message
  }
}

test('a project whose outbound message has no usable endpoint is refused, with file, line and code', async (t) => {
  const refusal = await refusalOf(t, { endpointUrl: 'erp.example/in' })
  assert.match(
    refusal ?? '',
    /workflows\/Account\.workflow-meta\.xml:\d+ ENDPOINT_INVALID Account\.Tell: expected an http/,
  )
  assert.equal(await refusalOf(t, { endpointUrl: 'https://erp.example/in' }), null)
})

test('a port that is not allowed refuses, unless the operator allows the address', async (t) => {
  const endpointUrl = 'https://10.1.2.3:444/in'
  assert.match((await refusalOf(t, { endpointUrl })) ?? '', /ENDPOINT_PORT/)
  assert.equal(await refusalOf(t, { endpointUrl, egressAllow: ['10.0.0.0/8'] }), null)
})

test('what counts is where the message really goes', async (t) => {
  const endpointUrl = 'ftp://erp.example/'
  const to = (url: string) => refusalOf(t, { endpointUrl, endpoints: { 'account.tell': url } })
  assert.equal(await to('https://erp.example/in'), null)
  assert.equal(await to('{receiver}/v2/api/jobconfigs/a/sfdc/obm'), null)
  assert.match((await to('nowhere')) ?? '', /ENDPOINT_INVALID/)
})
