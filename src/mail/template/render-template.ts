import { htmlOf, textOfHtml } from './html-text.ts'
import { fillMergeText } from './merge-text.ts'
import { formatMergeValue, type MergeFormat, type MergeValue } from './merge-value.ts'
import type { ParsedTemplate } from './parse-template.ts'

/** What an e-mail says. */
export type EmailText = {
  readonly subject: string
  readonly text: string
  readonly html: string | null
}

/** Characters of a subject: as much as a header line takes. */
const SUBJECT_LENGTH_MAX = 500

/** Puts the values into a template. Pure. In HTML no value can be markup, in the subject none a second header. */
export function renderTemplate(
  template: ParsedTemplate,
  values: ReadonlyMap<string, MergeValue>,
  format: MergeFormat,
): EmailText {
  const shown = (expression: string) => {
    const value = values.get(expression)
    return value ? formatMergeValue(value, format) : ''
  }
  const html =
    template.html === null
      ? null
      : fillMergeText(template.html, (expression) => htmlOf(shown(expression)))
  const text = template.text === null ? textOfHtml(html ?? '') : fillMergeText(template.text, shown)
  return { subject: headerText(fillMergeText(template.subject, shown)), text, html }
}

/** A text as a header may have it: one line, no control characters. */
export function headerText(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, SUBJECT_LENGTH_MAX)
}
