import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobConfig } from '../../../../test/support/receiving.ts'
import type { JobConfig } from '../../../jobs/job-config.ts'
import type { HttpJob } from '../../../jobs/kinds/job-kind.ts'
import { ApiError } from '../../api-error.ts'
import { jobConfigView } from './job-config-view.ts'
import { readJobConfig } from './read-job-config.ts'

const [OLD, NEW] = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`)

const URL_WITH_KEY = 'https://erp.example/hooks?key=s3cret'

const created = read({
  kind: 'http',
  url: URL_WITH_KEY,
  headers: { Authorization: 'Bearer s3cret' },
  signingSecrets: [OLD],
})

function read(job: object, before: JobConfig | null = null): HttpJob {
  const config = readJobConfig({ name: 'Accounts', job }, 'accounts', before)
  assert.ok(config.job.kind === 'http')
  return config.job
}

test('an http job has defaults, and its secrets are taken once', () => {
  assert.deepEqual(created, {
    kind: 'http',
    url: URL_WITH_KEY,
    format: 'json',
    typed: false,
    headers: { authorization: 'Bearer s3cret' },
    signingSecrets: [OLD],
    timeoutMs: 30_000,
    eventType: 'obm.notification',
  })
})

test('no answer shows a secret, and what it shows can be sent back as it is', () => {
  const before = jobConfig({ job: created })
  const { job: shown } = jobConfigView(before)

  assert.doesNotMatch(JSON.stringify(shown), /s3cret|whsec/)
  assert.partialDeepStrictEqual(shown, {
    url: 'https://erp.example/hooks?key=***',
    headerNames: ['authorization'],
    signingSecretCount: 1,
  })
  assert.deepEqual(read(shown, before), created)
})

test('secrets are kept until they are named, changed two at a time, and removed by null', () => {
  const before = jobConfig({ job: created })
  const job = { kind: 'http', url: URL_WITH_KEY }
  const changed = read({ ...job, signingSecrets: [OLD, NEW], format: 'xml' }, before)
  assert.deepEqual(changed, { ...created, signingSecrets: [OLD, NEW], format: 'xml' })
  const removed = read({ ...job, signingSecrets: null, headers: null }, before)
  assert.deepEqual(removed, { ...created, signingSecrets: [], headers: {} })
})

test('secrets given for one host do not go to another', () => {
  const before = jobConfig({ job: created })
  const job = { kind: 'http', url: 'https://evil.example/' }
  for (const half of [{}, { headers: {} }, { signingSecrets: [] }]) {
    assert.throws(() => read({ ...job, ...half }, before), /given anew, since those kept are for/)
  }
  const given = read({ ...job, headers: { a: 'b' }, signingSecrets: [NEW] }, before)
  assert.deepEqual([given.headers, given.signingSecrets], [{ a: 'b' }, [NEW]])
  const moved = read({ ...job, url: 'https://erp.example/other' }, before)
  assert.deepEqual(moved.signingSecrets, [OLD])
})

test('what is wrong in an http job is named, and no secret is quoted', () => {
  const url = 'https://erp.example/'
  const cases: readonly [object, RegExp][] = [
    [{}, /^job\.url: expected a text/],
    [{ url: 'mailto:s3cret@x' }, /^job\.url: expected an http or https URL/],
    [{ url, format: 'csv' }, /^job\.format: expected one of json, xml,/],
    [{ url, headers: ['s3cret'] }, /^job\.headers: expected an object/],
    [{ url, headers: { 'content-length': '1' } }, /^job\.headers: expected a header that OBM/],
    [{ url, headers: { a: 's3cret\n' } }, /^job\.headers\.a: expected 1 to 8192 characters/],
    [{ url, signingSecrets: ['s3cret'] }, /^job\.signingSecrets: expected up to 2 secrets/],
    [{ url, timeoutMs: 600_001 }, /^job\.timeoutMs: expected a whole number from 1 to 600000/],
    [{ url, command: ['true'] }, /^job\.command is not known/],
  ]
  for (const [job, mistake] of cases) {
    assert.throws(
      () => read({ kind: 'http', ...job }),
      (error: Error) => {
        assert.match(error.message, mistake)
        assert.doesNotMatch(error.message, /s3cret/)
        return error instanceof ApiError
      },
    )
  }
})
