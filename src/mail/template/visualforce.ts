/** A Visualforce template taken apart: its attributes and its two bodies. */
export type VisualforceParts = {
  readonly subject: string | null
  readonly html: string | null
  readonly text: string | null
  /** Components that only Visualforce can run, with the line of each. */
  readonly unsupported: readonly { readonly name: string; readonly line: number }[]
}

/** Components that show one value, which is known here. */
const VALUE_COMPONENTS =
  /<apex:(?:outputText|outputField)\b([^<>]*?)(?:\/>|>\s*<\/apex:(?:outputText|outputField)>)/gi
const COMPONENT = /<([a-z][\w]*:[\w]+)\b/gi

/**
 * Takes the markup of a Visualforce template apart: subject, HTML body, text body. Values and merge fields
 * are put in as in other templates; repeats, custom components and attachments are not run and are named.
 */
export function readVisualforce(body: string): VisualforceParts {
  const shown = body.replaceAll(VALUE_COMPONENTS, (_whole, attributes: string) => {
    return attributeOf(attributes, 'value') ?? ''
  })
  const opening = /<messaging:emailTemplate\b([^<>]*)>/i.exec(shown)
  return {
    subject: attributeOf(opening?.[1] ?? '', 'subject'),
    html: contentOf(shown, 'messaging:htmlEmailBody'),
    text: contentOf(shown, 'messaging:plainTextEmailBody')?.trim() ?? null,
    unsupported: unsupportedIn(shown),
  }
}

function attributeOf(attributes: string, name: string): string | null {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes)
  return match?.[1] ?? match?.[2] ?? null
}

/** What stands in the first element of that name. */
function contentOf(text: string, name: string): string | null {
  const opening = new RegExp(`<${name}\\b[^<>]*>`, 'i').exec(text)
  if (!opening) return null
  const from = opening.index + opening[0].length
  const closing = new RegExp(`</${name}\\s*>`, 'i').exec(text.slice(from))
  return closing ? text.slice(from, from + closing.index) : null
}

const FRAME: ReadonlySet<string> = new Set([
  'messaging:emailtemplate',
  'messaging:htmlemailbody',
  'messaging:plaintextemailbody',
])

/** Nobody reads a longer list. */
const NAMED_MAX = 20

function unsupportedIn(text: string): VisualforceParts['unsupported'] {
  const found = new Map<string, number>()
  for (const { 1: name = '', index } of text.matchAll(COMPONENT)) {
    // `<o:p>` and the like are what word processors leave in HTML.
    const isComponent = /^(apex|messaging|c|flow|chatter|support|knowledge|site|topics):/i.test(
      name,
    )
    if (!isComponent || FRAME.has(name.toLowerCase()) || found.has(name)) continue
    found.set(name, text.slice(0, index).split('\n').length)
    if (found.size === NAMED_MAX) break
  }
  return [...found].map(([name, line]) => ({ name, line }))
}
