import type { CaseResult, FormulaCase } from '../rules/formula/batch.ts'

/** One line of `obm formula --batch` as a case; what is wrong with it is its result. */
export function readCase(line: string): { kind: 'case'; value: FormulaCase } | Refusal {
  let each: unknown
  try {
    each = JSON.parse(line)
  } catch (error) {
    const message = `the line is not JSON: ${(error as Error).message}`
    return refusal('', 'JSON_PARSER_ERROR', message)
  }
  if (!isObject(each)) return refusal('', 'CASE_INCOMPLETE', 'expected a JSON object')
  const { id, formula, returnType } = each
  if (typeof id !== 'string' || typeof formula !== 'string' || typeof returnType !== 'string') {
    const given = typeof id === 'string' || typeof id === 'number' ? String(id) : ''
    return refusal(given, 'CASE_INCOMPLETE', 'expected the texts id, formula and returnType')
  }
  const wrong = mistakeIn(each)
  if (wrong !== undefined) return refusal(id, 'CASE_INVALID_VALUE', wrong)
  return { kind: 'case', value: each as FormulaCase }
}

type Refusal = { readonly kind: 'refused'; readonly result: CaseResult }

function refusal(id: string, code: string, message: string): Refusal {
  return { kind: 'refused', result: { id, error: { code, message, at: null } } }
}

function mistakeIn({ fields, isNew, blanks }: Record<string, unknown>): string | undefined {
  if (isNew !== undefined && typeof isNew !== 'boolean') return 'isNew: expected true or false'
  if (blanks !== undefined && blanks !== 'asNull' && blanks !== 'asZero') {
    return 'blanks: expected asNull or asZero'
  }
  if (fields === undefined) return undefined
  if (!isObject(fields)) return 'fields: expected an object, each field by its name'
  const wrong = Object.entries(fields).find(([, field]) => !isField(field))
  if (wrong === undefined) return undefined
  return `${wrong[0].slice(0, 80)}: expected an object with the text type, and value or formula`
}

function isField(field: unknown): boolean {
  if (!isObject(field) || typeof field.type !== 'string') return false
  return field.formula === undefined || typeof field.formula === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
