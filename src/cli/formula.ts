import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { ConfigError } from '../config/config.ts'
import { type CaseResult, evaluateCase, type FormulaCase } from '../rules/formula/batch.ts'
import { readCase } from './read-case.ts'

const BYTE_ORDER_MARK = /^\uFEFF/

export type FormulaOptions = {
  readonly record?: string
  readonly batch: boolean
  readonly json: boolean
}

/** `obm formula`: evaluates one expression, or with `--batch` NDJSON cases from standard input. */
export async function formula(
  expression: string | undefined,
  options: FormulaOptions,
): Promise<number> {
  if (options.batch) return evaluateBatch()
  if (expression === undefined)
    throw new ConfigError('obm formula: expected an expression, or --batch')
  const result = evaluateCase(
    { id: '', formula: expression, fields: readFields(options.record) },
    Date.now(),
  )
  if (options.json) console.log(JSON.stringify(result))
  else print(result)
  return 'error' in result ? 1 : 0
}

function print(result: CaseResult): void {
  if ('value' in result) {
    console.log(result.value === null ? 'null' : String(result.value))
    return
  }
  const { code, message, at } = result.error
  console.error(`${code}${at ? ` at line ${at.line}, column ${at.column}` : ''}: ${message}`)
}

/** A record as a JSON object of plain values; the types are what the values are. */
function readFields(file: string | undefined): NonNullable<FormulaCase['fields']> {
  if (file === undefined) return {}
  const record = readJson(file)
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new ConfigError(`${file}: expected a JSON object of field values`)
  }
  const fields = Object.entries(record).filter(([name]) => name !== 'attributes')
  return Object.fromEntries(fields.map(([name, value]) => [name, caseField(value)]))
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(BYTE_ORDER_MARK, ''))
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as Error).message}`)
  }
}

function caseField(value: unknown): { type: string; value: string | boolean | null } {
  if (typeof value === 'number') return { type: 'Number', value: String(value) }
  if (typeof value === 'boolean') return { type: 'Boolean', value }
  if (typeof value !== 'string') return { type: 'Text', value: null }
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return { type: 'DateTime', value }
  return { type: /^\d{4}-\d\d-\d\d$/.test(value) ? 'Date' : 'Text', value }
}

async function evaluateBatch(): Promise<number> {
  const now = Date.now()
  for await (const line of createInterface({ input: process.stdin })) {
    const text = line.replace(BYTE_ORDER_MARK, '')
    if (text.trim() === '') continue
    const read = readCase(text)
    const result = read.kind === 'refused' ? read.result : evaluateCase(read.value, now)
    console.log(JSON.stringify(result))
  }
  return 0
}
