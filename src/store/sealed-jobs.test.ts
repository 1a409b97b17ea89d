import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { jobConfig } from '../../test/support/receiving.ts'
import { storesUnderTest } from '../../test/support/stores.ts'
import type { HttpJob } from '../jobs/kinds/job-kind.ts'

const job: HttpJob = {
  kind: 'http',
  url: 'https://erp.example/hooks?key=s3cret-key',
  format: 'json',
  typed: false,
  headers: { authorization: 'Bearer s3cret-token' },
  signingSecrets: [`whsec_${Buffer.from('s3cret that is used to sign').toString('base64')}`],
  timeoutMs: 30_000,
  eventType: 'obm.notification',
}

for (const store of storesUnderTest()) {
  test(`${store.name}: what an http job sends and signs with is read as it was written`, async (t) => {
    const { jobs } = await store.open(t)
    await jobs.writeConfig(jobConfig({ job }))
    assert.deepEqual((await jobs.readConfig('accounts'))?.job, job)
    assert.deepEqual(
      (await jobs.listConfigs()).map((config) => config.job),
      [job],
    )
    const found = await jobs.readVersion('accounts')
    assert.deepEqual(found?.config.job, job)
    assert.equal(await jobs.replaceConfig(jobConfig({ job }), found?.version ?? 0), true)
    assert.deepEqual((await jobs.readVersion('accounts'))?.config.job, job)
  })
}

test('in the files of the store no secret of an http job lies in the clear', async (t) => {
  const [sqlite] = storesUnderTest()
  assert.ok(sqlite)
  const { jobs, url } = await sqlite.open(t)
  const path = url.slice('sqlite:'.length)

  await jobs.writeConfig(jobConfig({ job }))
  assert.equal(await jobs.replaceConfig(jobConfig({ job }), 1), true)

  const files = readdirSync(dirname(path)).map((name) =>
    readFileSync(`${dirname(path)}/${name}`, 'latin1'),
  )
  const whole = files.join('')
  assert.match(whole, /Copy accounts/)
  assert.doesNotMatch(whole, /s3cret|whsec_/)
})
