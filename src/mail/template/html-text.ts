import { escapeXmlText } from '../../base/xml.ts'

/** A merged value as it may stand in HTML: nothing in it is markup, line breaks are kept. */
export function htmlOf(value: string): string {
  return escapeXmlText(value.replaceAll('\r\n', '\n')).replaceAll('\n', '<br>')
}

/** Elements whose content nobody reads. */
const UNSEEN = /<(style|script|head|title)\b/gi
const BREAKS = /<(?:br|\/p|\/div|\/tr|\/h[1-6]|\/li|\/table)\b[^>]*>/gi

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['nbsp', ' '],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The text of an HTML part, for mail programs that show no HTML and for templates that bring no text. */
export function textOfHtml(html: string): string {
  return withoutUnseen(html)
    .replaceAll(/[\t\r\n ]+/g, ' ')
    .replaceAll(BREAKS, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(
      /&(#x?[0-9a-f]{1,6}|[a-z]{2,6});/gi,
      (whole, name: string) => characterOf(name) ?? whole,
    )
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

/** Each search begins where the last one ended, so that many that never close cost no more than one. */
function withoutUnseen(html: string): string {
  let shown = ''
  let done = 0
  UNSEEN.lastIndex = 0
  for (let found = UNSEEN.exec(html); found; found = UNSEEN.exec(html)) {
    const closing = new RegExp(`</${found[1]}\\s*>`, 'gi')
    closing.lastIndex = found.index
    const close = closing.exec(html)
    shown += html.slice(done, found.index)
    done = close ? closing.lastIndex : html.length
    UNSEEN.lastIndex = done
  }
  return shown + html.slice(done)
}

function characterOf(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES.get(name.toLowerCase())
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return Number.isInteger(code) && code > 0 && code <= 0x10ffff
    ? String.fromCodePoint(code)
    : undefined
}
