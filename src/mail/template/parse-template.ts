import type { EmailTemplate } from '../definitions/email-template.ts'
import { expressionsOf, type MergeText, parseMergeText } from './merge-text.ts'
import { readVisualforce } from './visualforce.ts'

/** A template with its merge fields found. One of `text` and `html` is there. */
export type ParsedTemplate = {
  readonly subject: MergeText
  readonly text: MergeText | null
  readonly html: MergeText | null
  /** What its merge fields say, each once. */
  readonly expressions: readonly string[]
  /** Whether each receiver gets another text. */
  readonly usesReceiver: boolean
}

export type TemplateReading =
  | { readonly kind: 'read'; readonly template: ParsedTemplate }
  /** It can't be made into an e-mail here: `reason` says what of it. */
  | { readonly kind: 'broken'; readonly reason: string }

/** Characters of a body, Salesforce's for Visualforce templates. */
export const TEMPLATE_LENGTH_MAX = 1_048_576
/** Different merge fields of one template: each is compiled. */
const EXPRESSIONS_MAX = 1000

const parsed = new WeakMap<EmailTemplate, TemplateReading>()

/** Reads a template, once for each version of it. What is wrong with it is an outcome. */
export function parseTemplate(template: EmailTemplate): TemplateReading {
  const known = parsed.get(template)
  if (known) return known
  const reading = readTemplate(template)
  parsed.set(template, reading)
  return reading
}

function readTemplate(template: EmailTemplate): TemplateReading {
  const { body, subject, textOnly, templateType } = template
  if (body.length > TEMPLATE_LENGTH_MAX) {
    return broken(`its body has ${body.length} characters, ${TEMPLATE_LENGTH_MAX} at most`)
  }
  switch (templateType) {
    case 'text':
      return parts({ subject, text: body, html: null })
    case 'html':
    case 'custom':
      return parts({ subject, text: textOnly, html: withoutSections(body) })
    case 'visualforce': {
      const read = readVisualforce(body)
      const [first] = read.unsupported
      if (first) {
        const more = read.unsupported.length > 1 ? `, and ${read.unsupported.length - 1} more` : ''
        return broken(
          `line ${first.line}: the Visualforce component <${first.name}> is not run here${more}`,
        )
      }
      return parts({ subject: read.subject ?? subject, text: read.text, html: read.html })
    }
  }
}

function broken(reason: string): TemplateReading {
  return { kind: 'broken', reason }
}

function parts(written: {
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
}): TemplateReading {
  if (written.text === null && written.html === null) return broken('it has no body')
  const subject = parseMergeText(written.subject)
  const text = written.text === null ? null : parseMergeText(written.text)
  const html = written.html === null ? null : parseMergeText(written.html)
  const expressions = expressionsOf(subject, text ?? [], html ?? [])
  if (expressions.length > EXPRESSIONS_MAX) {
    return broken(`it has ${expressions.length} different merge fields, ${EXPRESSIONS_MAX} at most`)
  }
  const usesReceiver = expressions.some((each) => RECEIVER.test(each))
  return { kind: 'read', template: { subject, text, html, expressions, usesReceiver } }
}

const RECEIVER = /\b(Receiving_User|recipient)\s*\./i

/** A letterhead's sections stand in the body as CDATA: what is in them is the HTML. */
function withoutSections(body: string): string {
  return body.replaceAll('<![CDATA[', '').replaceAll(']]>', '')
}
