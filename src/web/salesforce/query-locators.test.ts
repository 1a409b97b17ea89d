import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueriedRecord, QueryAnswer } from '../../org/soql/queried-record.ts'
import { makeRecordId } from '../../schema/record-id.ts'
import { LOCATOR_LIFETIME_MS, openQueryLocators, pageSizeWithin } from './query-locators.ts'

const ADA = makeRecordId('005', 1)
const BOB = makeRecordId('005', 2)

function clockInHand() {
  let now = 1_000_000
  return {
    now: () => now,
    real: () => now,
    advance(ms: number) {
      now += ms
    },
  }
}

function answerOf(count: number): QueryAnswer {
  const records = Array.from({ length: count }, (_, index): QueriedRecord => {
    return { objectName: 'Account', recordId: makeRecordId('001', index), fields: [] }
  })
  const columns: QueryAnswer['columns'] = []
  const facts = { objectName: 'Account', keyPrefix: '001', isGrouped: false, columns }
  return { ...facts, totalSize: count, records }
}

test('what fits a page has no locator', () => {
  const locators = openQueryLocators(clockInHand())

  const page = locators.firstPage(ADA, answerOf(2000), 2000)

  assert.equal(page.nextLocator, null)
  assert.equal(page.records.length, 2000)
})

test('pages follow each other to the last, and one may be asked for twice', () => {
  const locators = openQueryLocators(clockInHand())

  const first = locators.firstPage(ADA, answerOf(4500), 2000)
  const second = locators.page(ADA, first.nextLocator ?? '')
  const again = locators.page(ADA, first.nextLocator ?? '')
  const third = locators.page(ADA, second?.nextLocator ?? '')

  assert.match(first.nextLocator ?? '', /^01g\w{15}-2000$/)
  assert.deepEqual(second, again)
  assert.equal(third?.records.length, 500)
  assert.equal(third?.totalSize, 4500)
  assert.equal(third?.nextLocator, null)
})

test('a locator is its user’s alone, ends after 15 minutes, and nonsense is none', () => {
  const clock = clockInHand()
  const locators = openQueryLocators(clock)
  const locator = locators.firstPage(ADA, answerOf(500), 200).nextLocator ?? ''

  assert.equal(locators.page(BOB, locator), null)
  for (const wrong of ['', '01g', `${locator}0000`, locator.replace('01g', '01h'), '__proto__-1']) {
    assert.equal(locators.page(ADA, wrong), null, wrong)
  }
  assert.notEqual(locators.page(ADA, locator), null)
  clock.advance(LOCATOR_LIFETIME_MS)
  assert.equal(locators.page(ADA, locator), null)
})

test('when too many records are kept the oldest locator ends', () => {
  const locators = openQueryLocators(clockInHand(), 1000)
  const first = locators.firstPage(ADA, answerOf(600), 200).nextLocator ?? ''
  const second = locators.firstPage(ADA, answerOf(600), 200).nextLocator ?? ''

  assert.equal(locators.page(ADA, first), null)
  assert.notEqual(locators.page(ADA, second), null)
})

test('a page has 200 to 2,000 records, and 2,000 when nothing sensible is asked', () => {
  assert.deepEqual(
    [1, 200, 777.5, 5000, Number.NaN].map(pageSizeWithin),
    [200, 200, 777, 2000, 2000],
  )
})
