import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attributeOf, escapeXmlText, parseXmlTree, readXml, XmlError } from './xml.ts'

function refusal(read: () => unknown): XmlError {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof XmlError, String(error))
    return error
  }
  assert.fail('it was not refused')
}

test('a tree has names, namespaces, attributes, text and lines', () => {
  const root = parseXmlTree(
    '<a xmlns="urn:x" xmlns:p="urn:p" p:id="1">\n <b>one<![CDATA[ & two]]></b>\n</a>',
  )
  assert.equal(root.local, 'a')
  assert.equal(root.uri, 'urn:x')
  assert.equal(attributeOf(root, 'urn:p', 'id'), '1')
  assert.equal(root.attributes.get('p:id')?.value, '1')
  const [child] = root.children
  assert.equal(child?.text, 'one & two')
  assert.equal(child?.line, 2)
})

test('a leading byte order mark is dropped', () => {
  assert.equal(parseXmlTree('\uFEFF<?xml version="1.0"?><a>x</a>').text, 'x')
})

test('a document type is refused, with its place', () => {
  const error = refusal(() =>
    parseXmlTree('<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
  )
  assert.equal(error.errorCode, 'XML_DOCTYPE')
  assert.equal(error.line, 2)
})

test('elements more than a hundred deep are refused', () => {
  const deep = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  assert.equal(parseXmlTree(deep(100)).local, 'a')
  assert.equal(refusal(() => parseXmlTree(deep(101))).errorCode, 'XML_TOO_DEEP')
  assert.equal(refusal(() => parseXmlTree(deep(5), { maxDepth: 4 })).errorCode, 'XML_TOO_DEEP')
})

test('what is malformed is refused with line and column', () => {
  const cases = [
    '',
    'x',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a b=1/>',
    '<a>&nope;</a>',
    '<p:a/>',
    '<a>\u0001</a>',
  ]
  for (const text of cases) {
    assert.equal(refusal(() => parseXmlTree(text)).errorCode, 'XML_MALFORMED', text)
  }
  const error = refusal(() => parseXmlTree('<a>\n  <b></c>\n</a>'))
  assert.equal(error.line, 2)
  assert.ok(error.column > 0)
  assert.match(error.message, /^line 2, column /)
})

test('a document that says it is XML 1.1 gets no more characters than one of 1.0', () => {
  const error = refusal(() => parseXmlTree('<?xml version="1.1"?><a>&#1;</a>'))
  assert.equal(error.errorCode, 'XML_MALFORMED')
})

test('names that objects inherit are ordinary names and no entities', () => {
  const root = parseXmlTree('<__proto__ constructor="c" __proto__="p"><toString/></__proto__>')
  assert.equal(root.attributes.get('constructor')?.value, 'c')
  assert.equal(root.attributes.get('__proto__')?.value, 'p')
  assert.equal(root.children[0]?.name, 'toString')
  assert.equal(refusal(() => parseXmlTree('<a>&constructor;</a>')).errorCode, 'XML_MALFORMED')
})

test('what a visitor throws passes through', () => {
  const mine = new Error('mine')
  const visitor = {
    open() {
      throw mine
    },
    close() {},
  }
  assert.throws(() => readXml('<a/>', visitor), mine)
})

test('any text survives being escaped and read, but for what XML cannot hold', () => {
  assert.equal(escapeXmlText('a < b & "c" > d'), 'a &lt; b &amp; &quot;c&quot; &gt; d')
  assert.equal(escapeXmlText('\u0000\uD800x\uFFFF'), '\uFFFD\uFFFDx\uFFFD')
  const legal = fc
    .string({ unit: 'binary' })
    .map((text) => text.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD]/g, '😀'))
  fc.assert(
    fc.property(legal, (text) => {
      const escaped = escapeXmlText(text)
      assert.equal(
        parseXmlTree(`<a b="${escaped.replace(/[\t\n]/g, ' ')}">${escaped}</a>`).text,
        text,
      )
    }),
  )
})

test('no text crashes the reader', () => {
  const pieces = fc.constantFrom(
    '<a',
    '>',
    '</a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&',
    ';',
    '<?',
    '?>',
    'x',
    '"',
    '=',
  )
  const soup = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(soup, (text) => {
      try {
        parseXmlTree(text)
      } catch (error) {
        assert.ok(error instanceof XmlError)
      }
    }),
  )
})
