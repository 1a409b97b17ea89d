import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS } from '../../base/clock.ts'
import { readDay, writeDay, writeInstant } from '../formula/values/calendar.ts'
import { readAbsoluteDate } from './absolute-dates.ts'
import { readCriteriaNumber } from './read-number.ts'
import { dateCustomsOf, readRelativeDate } from './relative-dates.ts'

function range(phrase: string, today = '2026-03-04', locale = 'en_US'): string | null {
  const found = readRelativeDate(phrase, dateCustomsOf({ locale }))?.(readDay(today))
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
  // A day that can be no month is a day, whatever the locale says.
  assert.equal(read('13/1/2018'), '2018-01-13 -')
  assert.equal(read('1/13/2018', 'en_GB'), '2018-01-13 -')
  for (const text of [
    '13/13/2018',
    '2/30/2018',
    '3/11/2018 25:00',
    '3/11',
    'x',
    '1/1/2018 13:00 PM',
  ]) {
    assert.equal(read(text), null, text)
  }
})

test('dates and times are read as each locale writes them', () => {
  const rows: readonly [locale: string, text: string, expected: string][] = [
    ['en_US', '2/3/2018 1:05 AM', '2018-02-03T01:05:00.000Z'],
    ['en_GB', '03/02/2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['de_DE', '03.02.2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['fr_FR', '03/02/2018 13:05:30', '2018-02-03T13:05:30.000Z'],
    ['es_ES', '3/2/2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['nl_NL', '3-2-2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['ja_JP', '2018/02/03 13:05', '2018-02-03T13:05:00.000Z'],
    ['ko_KR', '2018. 2. 3 오후 1:05', '2018-02-03T13:05:00.000Z'],
    ['pt_BR', '03/02/2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['fi_FI', '3.2.2018 13.05', '2018-02-03T13:05:00.000Z'],
    ['es_MX', '3/2/2018 1:05 p.m.', '2018-02-03T13:05:00.000Z'],
    ['sv_SE', '2018-02-03 13:05', '2018-02-03T13:05:00.000Z'],
    ['no_NO_NY', '03.02.2018 13:05', '2018-02-03T13:05:00.000Z'],
    ['sr_Latn_RS', '3.2.2018. 13:05', '2018-02-03T13:05:00.000Z'],
    ['zh_TW_STROKE', '2018/2/3 下午 1:05', '2018-02-03T13:05:00.000Z'],
  ]
  for (const [locale, text, expected] of rows) {
    const found = readAbsoluteDate(text, locale)
    assert.equal(found && writeInstant(found.day * DAY_MS + (found.time ?? 0)), expected, locale)
  }
})

test('fiscal quarters and years begin with the month that the org says', () => {
  const fiscal = (phrase: string, fiscalYearStartMonth: number, today = '2026-03-04') => {
    const customs = dateCustomsOf({ locale: 'en_US', fiscalYearStartMonth })
    const found = readRelativeDate(phrase, customs)?.(readDay(today))
    return found && `${writeDay(found.start)} ${writeDay(found.end)}`
  }
  assert.equal(fiscal('THIS FISCAL YEAR', 4), '2025-04-01 2026-03-31')
  assert.equal(fiscal('THIS FISCAL YEAR', 3), '2026-03-01 2027-02-28')
  assert.equal(fiscal('THIS FISCAL YEAR', 12, '2026-12-01'), '2026-12-01 2027-11-30')
  assert.equal(fiscal('THIS_FISCAL_QUARTER', 2), '2026-02-01 2026-04-30')
  assert.equal(fiscal('LAST 3 FISCAL QUARTERS', 2), '2025-05-01 2026-01-31')
  assert.equal(fiscal('NEXT FISCAL QUARTER', 12), '2026-06-01 2026-08-31')
  assert.equal(fiscal('2 FISCAL YEARS AGO', 10), '2023-10-01 2024-09-30')
  assert.equal(fiscal('THIS YEAR', 4), '2026-01-01 2026-12-31')
})

test('the three plain days are also read in the languages of other orgs', () => {
  for (const today of ['今日', 'Heute', "aujourd'hui", 'hoy', 'HOJE', 'vandaag']) {
    assert.equal(range(today), '2026-03-04 2026-03-04', today)
  }
  assert.equal(range('昨日'), '2026-03-03 2026-03-03')
  assert.equal(range('mañana'), '2026-03-05 2026-03-05')
})

test('numbers are read with currency codes and separators, as the locale writes them', () => {
  const rows: readonly [locale: string, text: string, expected: string | null][] = [
    ['en_US', '5000', '5000'],
    ['en_US', '-0.50', '-0.50'],
    ['en_US', 'USD 25,000', '25000'],
    ['en_US', 'USD 1,234,567.89', '1234567.89'],
    ['en_US', '$5,000', '5000'],
    ['en_US', '25,000', '25000'],
    ['en_US', '1.500', '1.500'],
    ['en_US', '12.5%', '12.5'],
    ['en_US', 'EUR 25.000,50', '25000.50'],
    ['de_DE', 'EUR 25.000,50', '25000.50'],
    ['de_DE', '25.000', '25000'],
    ['de_DE', '0,5', '0.5'],
    ['de_DE', '0.5', '0.5'],
    ['fr_FR', '25\u202F000,5', '25000.5'],
    ['de_CH', "CHF 25'000.50", '25000.50'],
    ['sv_SE', 'SEK 0', '0'],
    ['no_NO_NY', '0,5', '0.5'],
    ['xx_aa_aa_aa', '1,000.5', '1000.5'],
    ['en_US', 'FAB', null],
    ['en_US', '1,2,3.4.5', null],
    ['en_US', '', null],
    ['en_US', '5 or 6', null],
  ]
  for (const [locale, text, expected] of rows) {
    assert.equal(readCriteriaNumber(text, locale), expected, `${locale} ${text}`)
  }
})
