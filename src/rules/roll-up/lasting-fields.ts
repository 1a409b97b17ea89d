import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../../schema/object-definition.ts'
import { isStored } from '../../schema/stored-fields.ts'
import { FormulaError } from '../formula/errors.ts'
import { readToken } from '../formula/parse/lexer.ts'

const CLOCKS: ReadonlySet<string> = new Set(['NOW', 'TODAY', 'TIMENOW'])

/**
 * Whether a field's value changes only when its own record is saved: stored fields, and formulas that look
 * at nothing but such fields. The clock, a user, a setting or a parent change without the record.
 */
export function isLasting(object: ObjectDefinition, field: FieldDefinition): boolean {
  return [...fieldsUnder(object, field)].every(({ formula }) => {
    const names = formula === undefined ? [] : namesIn(formula)
    return names.every((name) => !CLOCKS.has(name.toUpperCase()) && !/[$.]/.test(name))
  })
}

/** The names of the stored fields that the field's value is made of. */
export function storedUnder(object: ObjectDefinition, field: FieldDefinition): readonly string[] {
  return [...fieldsUnder(object, field)].filter(isStored).map(({ name }) => name)
}

/** The field itself and, of a formula, every own field that it goes by. */
export function fieldsUnder(
  object: ObjectDefinition,
  field: FieldDefinition,
): ReadonlySet<FieldDefinition> {
  const found = new Set([field])
  for (const each of found) {
    for (const name of each.formula === undefined ? [] : namesIn(each.formula)) {
      const own = fieldOf(object, name)
      if (own) found.add(own) // a Set that grows while it is walked shows what was added, too
    }
  }
  return found
}

/** Every field, function and variable that a formula names; none of one that cannot be read. */
function namesIn(formula: string): readonly string[] {
  const names: string[] = []
  try {
    for (let at = 0; ; ) {
      const token = readToken(formula, at)
      if (token.kind === 'end') return names
      if (token.kind === 'name') names.push(token.text)
      at = token.end
    }
  } catch (error) {
    if (error instanceof FormulaError) return []
    throw error
  }
}
