import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestClock } from '../../../test/support/receiving.ts'
import { type Authentication, rejected } from '../rejection.ts'
import { openVerdictMemory } from './verdict-memory.ts'

const trusted: Authentication = { kind: 'trusted' }

function setup(verdict: Authentication) {
  const clock = openTestClock()
  const remember = openVerdictMemory(clock)
  let checks = 0
  const ask = (key: string) =>
    remember(key, async () => {
      checks += 1
      return verdict
    })
  return { clock, ask, checks: () => checks }
}

test('a verified session is not checked again for a minute', async () => {
  const { clock, ask, checks } = setup(trusted)
  await ask('a')
  clock.advance(59_999)
  assert.equal((await ask('a')).kind, 'trusted')
  assert.equal(checks(), 1)
  clock.advance(1)
  await ask('a')
  assert.equal(checks(), 2)
})

test('a refused session is checked again after five seconds, a broken org at once', async () => {
  const refused = setup(rejected('LOGIN_FAILED', 'no'))
  await refused.ask('a')
  await refused.ask('a')
  assert.equal(refused.checks(), 1)
  refused.clock.advance(5_000)
  await refused.ask('a')
  assert.equal(refused.checks(), 2)

  const broken = setup(rejected('ORG_UNAVAILABLE', 'down'))
  await broken.ask('a')
  await broken.ask('a')
  assert.equal(broken.checks(), 2)
})

test('of many messages with one session at once, one check is made', async () => {
  const { ask, checks } = setup(trusted)
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => ask('a')))
  assert.ok(verdicts.every((verdict) => verdict.kind === 'trusted'))
  assert.equal(checks(), 1)
})

test('a check that breaks is not remembered', async () => {
  const remember = openVerdictMemory(openTestClock())
  await assert.rejects(remember('a', () => Promise.reject(new Error('broken'))))
  assert.equal((await remember('a', async () => trusted)).kind, 'trusted')
})

test('a flood of wrong sessions forgets no right one', async () => {
  const clock = openTestClock()
  const remember = openVerdictMemory(clock)
  await remember('right', async () => trusted)
  for (let key = 0; key < 10_001; key += 1) {
    await remember(`wrong ${key}`, async () => rejected('SESSION_ID_INVALID', 'no'))
  }
  let checked = false
  await remember('right', async () => {
    checked = true
    return trusted
  })
  assert.equal(checked, false)
})

test('of many different sessions at once so many are checked; the others are told to come back, and known ones go on', async () => {
  const remember = openVerdictMemory(openTestClock())
  await remember('right', async () => trusted)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let checks = 0
  const check = async () => {
    checks += 1
    await held
    return trusted
  }
  const asked = Array.from({ length: 100 }, (_, key) => remember(`made up ${key}`, check))
  assert.equal((await remember('right', check)).kind, 'trusted')
  assert.equal(checks, 64)
  release()
  const verdicts = await Promise.all(asked)
  const codes = verdicts.map((verdict) => verdict.kind === 'rejected' && verdict.errorCode)
  assert.equal(codes.filter((code) => code === 'OVERLOADED').length, 36)
  assert.equal((await remember('made up 99', check)).kind, 'trusted') // it was not remembered
})
