import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDay, writeDay } from '../formula/values/calendar.ts'
import { readAbsoluteDate } from './absolute-dates.ts'
import { firstWeekdayOf, readRelativeDate } from './relative-dates.ts'

function range(phrase: string, today = '2026-03-04', locale = 'en_US'): string | null {
  const found = readRelativeDate(phrase, firstWeekdayOf(locale))?.(readDay(today))
  return found ? `${writeDay(found.start)} ${writeDay(found.end)}` : null
}

test('relative dates mean ranges of days', () => {
  const rows: readonly [string, string][] = [
    ['TODAY', '2026-03-04 2026-03-04'],
    ['yesterday', '2026-03-03 2026-03-03'],
    ['Tomorrow', '2026-03-05 2026-03-05'],
    ['LAST 7 DAYS', '2026-02-25 2026-03-04'],
    ['last_n_days:7', '2026-02-25 2026-03-04'],
    ['NEXT 7 DAYS', '2026-03-05 2026-03-11'],
    ['NEXT_N_DAYS:7', '2026-03-05 2026-03-11'],
    ['LAST 90 DAYS', '2025-12-04 2026-03-04'],
    ['LAST_90_DAYS', '2025-12-04 2026-03-04'],
    ['THIS WEEK', '2026-03-01 2026-03-07'],
    ['LAST WEEK', '2026-02-22 2026-02-28'],
    ['NEXT 2 WEEKS', '2026-03-08 2026-03-21'],
    ['THIS MONTH', '2026-03-01 2026-03-31'],
    ['LAST 3 MONTHS', '2025-12-01 2026-02-28'],
    ['NEXT MONTH', '2026-04-01 2026-04-30'],
    ['THIS QUARTER', '2026-01-01 2026-03-31'],
    ['LAST 3 FISCAL QUARTERS', '2025-04-01 2025-12-31'],
    ['THIS_FISCAL_YEAR', '2026-01-01 2026-12-31'],
    ['LAST 10 FISCAL YEARS', '2016-01-01 2025-12-31'],
    ['1 YEARS AGO', '2025-01-01 2025-12-31'],
    ['N_DAYS_AGO:3', '2026-03-01 2026-03-01'],
    ['2 MONTHS AGO', '2026-01-01 2026-01-31'],
  ]
  for (const [phrase, expected] of rows) assert.equal(range(phrase), expected, phrase)
  assert.equal(range('THIS WEEK', '2026-03-01', 'de_DE'), '2026-02-23 2026-03-01')
  for (const phrase of ['', 'SOON', 'LAST', 'LAST n DAYS', 'LAST 99999 DAYS', '3/4/2026']) {
    assert.equal(range(phrase), null, phrase)
  }
})

test('absolute dates are read as the locale writes them, or ISO', () => {
  const read = (text: string, locale = 'en_US') => {
    const found = readAbsoluteDate(text, locale)
    return found && `${writeDay(found.day)} ${found.time === null ? '-' : found.time / 60_000}`
  }
  assert.equal(read('3/11/2018'), '2018-03-11 -')
  assert.equal(read('3/11/2018', 'en_GB'), '2018-11-03 -')
  assert.equal(read('11.3.2018', 'de_DE'), '2018-03-11 -')
  assert.equal(read('2018-03-11', 'de_DE'), '2018-03-11 -')
  assert.equal(read('2018/03/11', 'ja_JP'), '2018-03-11 -')
  assert.equal(read('12/31/2008 10:00 PM'), '2008-12-31 1320')
  assert.equal(read('12/20/2013, 2:00 AM'), '2013-12-20 120')
  assert.equal(read('12/20/2013, 12:05\u202FAM'), '2013-12-20 5')
  assert.equal(read('20.12.2013 14:30', 'de_DE'), '2013-12-20 870')
  assert.equal(read('2013-12-20T14:30:00.000Z'), '2013-12-20 870')
  for (const text of [
    '13/1/2018',
    '2/30/2018',
    '3/11/2018 25:00',
    '3/11',
    'x',
    '1/1/2018 13:00 PM',
  ]) {
    assert.equal(read(text), null, text)
  }
})
