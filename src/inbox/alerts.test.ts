import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestClock } from '../../test/support/receiving.ts'
import { HOUR_MS } from '../base/clock.ts'
import { openAlerts } from './alerts.ts'

const ACTION = '04k5e000000Xy2zAAC'
const cause = {
  errorCode: 'ORGANIZATION_NOT_ALLOWED',
  jobConfigId: 'accounts',
  subject: ACTION,
} as const

test('each cause on each route is told once, and once more after a message of its kind was taken in', () => {
  const alerts = openAlerts(openTestClock())
  assert.equal(alerts.isNew(cause), true)
  assert.equal(alerts.isNew(cause), false)
  assert.equal(alerts.isNew({ ...cause, errorCode: 'SESSION_ID_MISSING' }), true)
  assert.equal(alerts.isNew({ ...cause, jobConfigId: 'cases' }), true)
  assert.equal(alerts.isNew({ ...cause, subject: '04k5e000000Xy3zAAC' }), true)

  alerts.worked('accounts', ACTION)
  assert.equal(alerts.isNew(cause), true)
  assert.equal(alerts.isNew({ ...cause, jobConfigId: 'cases' }), false)
})

test('an outbound message that works on a route does not make the refusals of another one news', () => {
  const alerts = openAlerts(openTestClock())
  assert.equal(alerts.isNew(cause), true)
  alerts.worked('accounts', '04k5e000000Xy3zAAC')
  assert.equal(alerts.isNew(cause), false)
})

test('a stranger whose requests fall between good ones raises six alerts an hour, no more', () => {
  const clock = openTestClock()
  const alerts = openAlerts(clock)
  const wrong = { errorCode: 'PATH_SECRET_WRONG', jobConfigId: 'accounts', subject: null }
  const told = () => {
    let count = 0
    for (let turn = 0; turn < 50; turn += 1) {
      if (alerts.isNew(wrong)) count += 1
      alerts.worked('accounts', ACTION)
    }
    return count
  }
  assert.equal(told(), 6)
  assert.equal(alerts.isNew(cause), true) // another cause has an allowance of its own
  clock.advance(HOUR_MS)
  assert.equal(told(), 6)
})

test('whoever guesses job config ids raises few alerts, and takes none from a route that there is', () => {
  const alerts = openAlerts(openTestClock())
  let told = 0
  for (let guess = 0; guess < 5_000; guess += 1) {
    const unknown = { errorCode: 'UNKNOWN_JOB_CONFIG', jobConfigId: null, subject: `id ${guess}` }
    if (alerts.isNew(unknown)) told += 1
  }
  assert.equal(told, 6)
  assert.equal(alerts.isNew(cause), true)
})
