import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { COMMAND_JOB } from '../../test/support/commands.ts'
import { temporaryProject } from '../../test/support/temporary-project.ts'
import { ConfigError } from './config.ts'
import { readProjectConfig } from './project-config.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

async function read(t: TestContext, content: object) {
  const files = {
    'obm.config.json': JSON.stringify(content),
    'secrets/hook': `${SECRET}\n`,
    'secrets/token': ' s3cret\n',
  }
  return readProjectConfig(await temporaryProject(t, files))
}

async function jobOf(t: TestContext, job: object) {
  const { jobConfigs } = await read(t, { jobConfigs: [{ id: 'accounts', ...job }] })
  return jobConfigs[0]?.job
}

test('a job config of the file runs a command, within limits', async (t) => {
  const byDefault = { ...COMMAND_JOB, timeoutMs: 300_000 }
  assert.deepEqual(await jobOf(t, { command: ['true'] }), byDefault)
  const limits = { timeoutSeconds: 5, memoryMb: 64, outputMb: 1 }
  assert.deepEqual(await jobOf(t, { command: ['true'], input: 'json', typed: true, ...limits }), {
    ...byDefault,
    input: 'json',
    typed: true,
    timeoutMs: 5_000,
    memoryMbMax: 64,
    outputMbMax: 1,
  })
})

test('a job config of the file posts to a URL, with what files hold where it must not stand there itself', async (t) => {
  const http = {
    url: 'https://erp.example/hooks?key={file:secrets/token}',
    format: 'cloudevents-binary',
    headers: { Authorization: 'Bearer {file:secrets/token}' },
    signingSecrets: ['{file:secrets/hook}'],
  }
  assert.deepEqual(await jobOf(t, { http, timeoutSeconds: 10 }), {
    kind: 'http',
    url: 'https://erp.example/hooks?key=s3cret',
    format: 'cloudevents-binary',
    typed: false,
    headers: { authorization: 'Bearer s3cret' },
    signingSecrets: [SECRET],
    timeoutMs: 10_000,
    eventType: 'obm.notification',
  })
})

test('a job that cannot be is refused with its place, and no secret is quoted', async (t) => {
  const url = 'https://erp.example'
  for (const [job, mistake] of [
    [{}, /jobConfigs\[0\]\.command: expected a program/],
    [{ command: ['true'], http: { url } }, /command: expected none beside http/],
    [{ command: ['true'], input: 'yaml' }, /input: expected xml or json, found "yaml"/],
    [{ http: { url: 'ftp://me:pw@erp.example' } }, /http\.url: expected an http or https URL/],
    [{ http: { url, format: 'soap' } }, /http\.format: expected one of json, xml, cloudevents-/],
    [{ http: { url, signingSecrets: ['whsec_c2hvcnQ='] } }, /signingSecrets: expected up to 2/],
    [{ http: { url, signingSecrets: [SECRET, SECRET, SECRET] } }, /signingSecrets: expected up/],
    [{ http: { url, headers: { Host: 'x' } } }, /headers\.Host: expected a header that OBM/],
    [{ http: { url, headers: { 'Webhook-Id': 'x' } } }, /headers\.Webhook-Id: expected a header/],
    [{ http: { url, headers: { 'a b': 'x' } } }, /headers\.a b: expected the name of a header/],
    [{ http: { url, headers: { a: 'pw\r\nx: y' } } }, /headers\.a: expected 1 to 8192/],
    [{ http: { url, headers: { a: '{file:none}' } } }, /headers\.a: expected a file.*"none"/],
    [{ http: { url }, timeoutSeconds: 601 }, /timeoutSeconds: expected at most 600/],
  ] as const) {
    await assert.rejects(jobOf(t, job), (error: Error) => {
      assert.doesNotMatch(error.message, /pw|c2hvcnQ/)
      assert.match(error.message, mistake)
      return error instanceof ConfigError
    })
  }
})

test('the operator lists programs, folders and URLs; a URL that lists too much is refused', async (t) => {
  const { jobs } = await read(t, { jobs: { urls: ['https://*.erp.example/hooks'] } })
  assert.deepEqual(jobs, {
    programs: [],
    workingFolders: [],
    urls: ['https://*.erp.example/hooks'],
  })
  await assert.rejects(read(t, { jobs: { urls: ['https://*'] } }), /jobs\.urls: expected a host/)
})
