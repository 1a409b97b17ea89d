import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bounded } from '../../../test/support/bounded.ts'
import { templateOf, textValue } from '../../../test/support/mail-org.ts'
import type { EmailTemplate } from '../definitions/email-template.ts'
import { textOfHtml } from './html-text.ts'
import { fillMergeText, parseMergeText } from './merge-text.ts'
import { formatMergeValue, type MergeFormat, type MergeValue } from './merge-value.ts'
import { type ParsedTemplate, parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render-template.ts'

const EN: MergeFormat = { locale: 'en_US', timeZone: 'America/New_York', currency: 'USD' }
const DE: MergeFormat = { locale: 'de_DE', timeZone: 'Europe/Berlin', currency: 'EUR' }

function parsed(more: Partial<EmailTemplate>): ParsedTemplate {
  const reading = parseTemplate(templateOf(more))
  return reading.kind === 'read' ? reading.template : assert.fail(reading.reason)
}

function render(more: Partial<EmailTemplate>, values: Readonly<Record<string, string>> = {}) {
  const merged = Object.entries(values).map(([name, text]) => [name, textValue(text)] as const)
  return renderTemplate(parsed(more), new Map(merged), EN)
}

test('merge fields are found, quotes and all; what has no end stays as it is', () => {
  const names = (text: string) =>
    parseMergeText(text).map((piece) => (piece.kind === 'text' ? piece.text : [piece.expression]))
  assert.deepEqual(names('Dear {! Contact.Name }, {!IF(a, "}", \'}\')}.'), [
    'Dear ',
    ['Contact.Name'],
    ', ',
    ['IF(a, "}", \'}\')'],
    '.',
  ])
  assert.deepEqual(names('{!no end'), ['{!no end'])
  assert.deepEqual(names('{!a {!b}'), ['{!a ', ['b']])
  assert.deepEqual(names('{!"x\\"}"}'), [['"x\\"}"']])
})

test('whatever a text holds, reading it loses nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '!', '}', '"', "'", '\\', 'a') }),
      (text) => {
        const again = fillMergeText(parseMergeText(text), (expression) => `{!${expression}}`)
        assert.equal(again.replaceAll(' ', ''), text.replaceAll(' ', ''))
      },
    ),
  )
})

test('a megabyte of beginnings without an end is read in linear time', () => {
  for (const piece of ['{!', '{!"', '<style>', '<apex:outputText value="', '<!--', '{!a}', '&#x']) {
    const body = piece.repeat(Math.floor(1_000_000 / piece.length))
    const pieces = bounded(`merge fields of ${piece}`, () => parseMergeText(body))
    assert.ok(pieces.length > 0, piece)
    const text = bounded(`text of ${piece}`, () => textOfHtml(body))
    assert.ok(text.length <= body.length, piece)
    const template = templateOf({ body, templateType: 'visualforce' })
    assert.ok(bounded(`template of ${piece}`, () => parseTemplate(template)).kind, piece)
  }
})

test('in HTML a value is no markup, in the subject it is no second header', () => {
  const { subject, text, html } = render(
    {
      templateType: 'custom',
      subject: 'About {!Account.Name}',
      body: '<p>{!Account.Name}</p><p>{!Account.Description}</p>',
    },
    { 'Account.Name': 'A\r\nBcc: x@y.z <b>&', 'Account.Description': 'one\ntwo' },
  )
  assert.equal(subject, 'About A Bcc: x@y.z <b>&')
  assert.equal(html, '<p>A<br>Bcc: x@y.z &lt;b&gt;&amp;</p><p>one<br>two</p>')
  assert.equal(text, 'A\nBcc: x@y.z <b>&\none\ntwo')
})

test('a text template, an HTML one with its own text, and one in a letterhead', () => {
  assert.deepEqual(render({ body: 'Hi {!User.Name}' }, { 'User.Name': 'Ann & Bob' }), {
    subject: 'Welcome',
    text: 'Hi Ann & Bob',
    html: null,
  })
  const own = render({ templateType: 'custom', body: '<b>Hi</b>', textOnly: 'Hi there' })
  assert.deepEqual([own.text, own.html], ['Hi there', '<b>Hi</b>'])
  const body = '<table><tr><td><![CDATA[Dear {!Contact.Name}]]></td></tr></table>'
  const { html } = render({ templateType: 'html', body }, { 'Contact.Name': 'Dora' })
  assert.equal(html, '<table><tr><td>Dear Dora</td></tr></table>')
})

test('a Visualforce template has its subject and its two bodies inside', () => {
  const body = `<messaging:emailTemplate subject="News of {!relatedTo.Name}" recipientType="User" relatedToType="Account">
<messaging:htmlEmailBody><p>{!relatedTo.Name}: <apex:outputField value="{!relatedTo.Phone}"/></p></messaging:htmlEmailBody>
<messaging:plainTextEmailBody> {!relatedTo.Name} </messaging:plainTextEmailBody></messaging:emailTemplate>`
  const values = { 'relatedTo.Name': 'Acme', 'relatedTo.Phone': '123' }
  assert.deepEqual(render({ templateType: 'visualforce', subject: '', body }, values), {
    subject: 'News of Acme',
    text: 'Acme',
    html: '<p>Acme: 123</p>',
  })
})

test('what only Visualforce can run keeps the template from being sent, and is named', () => {
  const body = `<messaging:emailTemplate subject="x">
<messaging:plainTextEmailBody><apex:repeat var="c" value="{!relatedTo.Cases}">{!c.Name}</apex:repeat>
<c:Part/></messaging:plainTextEmailBody></messaging:emailTemplate>`
  const reading = parseTemplate(templateOf({ templateType: 'visualforce', body }))
  assert.deepEqual(reading, {
    kind: 'broken',
    reason: 'line 2: the Visualforce component <apex:repeat> is not run here, and 1 more',
  })
})

test('a template that is too big, or says too much, is broken', () => {
  const big = parseTemplate(templateOf({ body: 'x'.repeat(1_048_577) }))
  const many = Array.from({ length: 1001 }, (_, index) => `{!Account.F${index}}`).join('')
  const eager = parseTemplate(templateOf({ body: many }))
  assert.equal(big.kind, 'broken')
  assert.equal(eager.kind, 'broken')
  assert.equal(parseTemplate(templateOf({ templateType: 'visualforce', body: 'x' })).kind, 'broken')
})

test('only a template that speaks to its receiver is written for each', () => {
  assert.equal(parsed({ body: 'Hi {!Receiving_User.FirstName}' }).usesReceiver, true)
  assert.equal(parsed({ body: 'Hi {!recipient.Name}' }).usesReceiver, true)
  assert.equal(parsed({ body: 'Hi {!Contact.Recipient__c}' }).usesReceiver, false)
})

test("values are written as the org's locale has them", () => {
  const value = (type: MergeValue & { kind: 'value' }) => type
  const shown = (type: 'number', text: string, scale: number | null, format = EN) =>
    formatMergeValue(value({ kind: 'value', type, value: text, scale }), format)
  assert.equal(shown('number', '1234567.5', 2), '1,234,567.50')
  assert.equal(shown('number', '1234567.5', 2, DE), '1.234.567,50')
  assert.equal(shown('number', '123456789012345678', 0), '123,456,789,012,345,678')
  const as = (type: string, text: string | boolean | null, format = EN, scale: number | null = 2) =>
    formatMergeValue({ kind: 'value', type, value: text, scale } as MergeValue, format)
  assert.equal(as('currency', '1234.5'), '$1,234.50')
  assert.equal(as('currency', '1234.5', DE), '1.234,50\u00a0€')
  assert.equal(as('percent', '12.5', EN, 1), '12.5%')
  assert.equal(as('date', '2026-03-04'), '3/4/2026')
  assert.equal(as('date', '2026-03-04', DE), '04.03.2026')
  assert.equal(as('datetime', '2026-03-04T03:30:00.000Z'), '3/3/2026, 10:30 PM')
  assert.equal(as('datetime', '2026-03-04T03:30:00.000Z', DE), '04.03.2026, 04:30')
  assert.equal(as('time', '13:05:00.000Z'), '1:05 PM')
  assert.equal(as('boolean', true), 'true')
  assert.equal(as('text', null), '')
  for (const locale of ['xx_YY', 'en_US_POSIX', 'no locale', '']) {
    assert.equal(as('number', '1234.5', { ...EN, locale }), '1,234.50')
  }
  assert.equal(formatMergeValue({ kind: 'unknown', reason: 'x' }, EN), '')
})

test('HTML reads as text: paragraphs, breaks, entities, nothing of its styles', () => {
  const html =
    '<html><head><title>T</title></head><style>p { color: red }</style><p>One &amp; two</p>\n<p>Three<br>four&nbsp;&#8364;</p><script>x()</script></html>'
  assert.equal(textOfHtml(html), 'One & two\nThree\nfour €')
})
