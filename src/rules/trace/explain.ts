import type { FieldSeen, FormulaTrace, PartTrace } from './formula-trace.ts'
import type { ConditionTrace, CriterionTrace } from './rule-trace.ts'
import { cutText, valueText } from './shown-value.ts'

/** Why a condition is not met, to follow "it did not fire: ". */
export function whyNotMet(condition: ConditionTrace): string {
  if (condition.kind === 'criteria') return whyCriteria(condition)
  const { error, result, root } = condition.formula
  if (error !== null) return `its formula has no result: ${error}`
  if (root === null || root.parts.length === 0) return `its formula is ${resultText(result)}`
  const cause = causeOf(root, false)
  if (cause === root) return `its formula is ${resultText(result)}${seenIn(root)}`
  return `its formula is ${resultText(result)}: ${partText(cause)}`
}

/** Why a condition is met, in a few words. */
export function whyMet(condition: ConditionTrace): string {
  return condition.kind === 'formula' ? 'its formula is true' : 'it meets its criteria'
}

/** The part that made a formula true, to follow "it refused the save: ". */
export function whyTrue({ root }: FormulaTrace): string {
  if (root === null) return 'its formula is true'
  const cause = causeOf(root, true)
  return cause === root ? `its formula is true${seenIn(root)}` : partText(cause)
}

/** A criterion as people read it: `criterion 2 Account.Type equals Prospect`. */
export function criterionText({ number, field, operation, value }: CriterionTrace): string {
  return `criterion ${number} ${field} ${operation} ${value === '' ? '(blank)' : value}`
}

function resultText(result: PartTrace['value']): string {
  return result === null ? 'null, which counts as false' : String(result)
}

/** At the most so many are named in one sentence. */
const NAMED_MAX = 3

function whyCriteria({ criteria, booleanFilter }: ConditionTrace & { kind: 'criteria' }): string {
  const filter = booleanFilter?.trim() ?? ''
  const unmet = criteria.filter(({ met }) => !met)
  const [first] = unmet
  if (filter === '' && first) return `${criterionText(first)}: ${seenText(first)}`
  if (/not/i.test(filter) || unmet.length === 0) {
    const verdicts = criteria.map(({ number, met }) => `${number} is ${met ? 'met' : 'not met'}`)
    return `its filter logic ${filter} is false: criterion ${verdicts.join(', ')}`
  }
  const named = unmet.slice(0, NAMED_MAX).map((each) => `${criterionText(each)}: ${seenText(each)}`)
  const more = unmet.length > NAMED_MAX ? `; and ${unmet.length - NAMED_MAX} more are not met` : ''
  return `its filter logic ${filter} is false: ${named.join('; ')}${more}`
}

/** What a criterion was compared with. */
export function seenText({ state, seen }: CriterionTrace): string {
  switch (state) {
    case 'value':
      return `the value is ${valueText(seen)}`
    case 'blank':
      return 'the value is blank'
    case 'no parent':
      return 'there is no such parent record'
    case 'not found':
      return 'the record it refers to is not there'
    case 'unknown field':
      return 'there is no such field'
    case 'failed':
      return 'the formula field has no result'
  }
}

/** Follows a formula down to the part that decided it: `wanted` is what would have made it otherwise. */
function causeOf(part: PartTrace, isTrue: boolean): PartTrace {
  const evaluated = part.parts.filter(({ state }) => state === 'evaluated')
  switch (part.name) {
    case 'AND':
    case '&&': {
      const decisive = evaluated.find(({ value }) => value !== true)
      return !isTrue && decisive ? causeOf(decisive, false) : part
    }
    case 'OR':
    case '||': {
      const decisive = evaluated.find(({ value }) => value === true)
      if (isTrue && decisive) return causeOf(decisive, true)
      const [only] = evaluated
      return !isTrue && only && part.parts.length === 1 ? causeOf(only, false) : part
    }
    case 'NOT':
    case '!': {
      const [only] = evaluated
      return only && typeof only.value === 'boolean' ? causeOf(only, !isTrue) : part
    }
    case 'IF': {
      // The branch that was taken, or the condition where the branch is a literal.
      const taken = evaluated.find((each, index) => index > 0 && each.kind !== 'field')
      return taken && taken.value === part.value ? causeOf(taken, isTrue) : part
    }
    default:
      return part
  }
}

/** A part's own text within a sentence. */
const PART_SHOWN_MAX = 120

function partText(part: PartTrace): string {
  const text = cutText(part.text.replaceAll(/\s+/g, ' '), PART_SHOWN_MAX)
  if (part.name === 'ISCHANGED' && part.parts[0]?.before === undefined) {
    return `${text} is false, as for every new record`
  }
  const seen = part.kind === 'field' ? '' : seenIn(part)
  return `${text} is ${resultText(part.value)}${seen}`
}

/** The values of the fields within a part, in brackets. */
function seenIn(part: PartTrace): string {
  const seen = new Map<string, FieldSeen>()
  collect(part, seen)
  if (seen.size === 0) return ''
  const named = [...seen.values()].slice(0, NAMED_MAX).map(fieldText)
  const more = seen.size > NAMED_MAX ? ', …' : ''
  return ` (${named.join(', ')}${more})`
}

function fieldText({ name, value, before }: FieldSeen): string {
  if (before === undefined) return `${name} is ${valueText(value)}`
  if (before === value) return `${name} is ${valueText(value)} as before`
  return `${name} is ${valueText(value)}, before it was ${valueText(before)}`
}

function collect(part: PartTrace, seen: Map<string, FieldSeen>): void {
  if (part.kind === 'field' && part.state === 'evaluated') {
    const { name, value, before } = part
    const known = seen.get(name.toLowerCase())
    const then = before === undefined ? known?.before : before
    seen.set(name.toLowerCase(), { name, value, ...(then === undefined ? {} : { before: then }) })
  }
  for (const each of part.parts) collect(each, seen)
}
