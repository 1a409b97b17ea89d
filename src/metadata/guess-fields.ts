import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { ValidationRule } from '../rules/validation/validation-rule.ts'
import type { FieldUpdate, FilterItem, WorkflowRule } from '../rules/workflow-rule.ts'
import { checkbox, currency, double, field, text } from '../schema/define-field.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/object-definition.ts'
import { isFieldName } from './files/api-name.ts'

type Workflow = {
  readonly rules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly outboundMessages: readonly OutboundMessage[]
}

/** A field that workflow names, and what its uses say of its type. */
export type UsedField = { readonly name: string; readonly hints: readonly TypeHint[] }
type TypeHint = 'checkbox' | 'date' | 'currency' | 'number' | 'multipicklist' | 'text'

/** Makes a question of the fields that workflow names on an object, without its formulas; each once. */
export function usedFields(workflow: Workflow): (objectName: string) => readonly UsedField[] {
  const used = new Map<string, Map<string, { name: string; hints: TypeHint[] }>>()
  const add = (objectName: string, name: string, hint: TypeHint | null) => {
    if (!isFieldName(name)) return
    const key = objectName.toLowerCase()
    const names = used.get(key) ?? new Map<string, { name: string; hints: TypeHint[] }>()
    used.set(key, names)
    const known = names.get(name.toLowerCase()) ?? { name, hints: [] }
    names.set(name.toLowerCase(), known)
    if (hint !== null) known.hints.push(hint)
  }
  const addPath = (path: string, hint: TypeHint | null) => {
    const [objectName = '', name = '', ...rest] = path.split('.')
    if (rest.length === 0) add(objectName, name, hint)
  }
  for (const { criteriaItems, timeTriggers } of workflow.rules) {
    for (const criterion of criteriaItems) addPath(criterion.field, hintOf(criterion))
    for (const { offsetFromField } of timeTriggers) {
      if (offsetFromField) addPath(offsetFromField, 'date')
    }
  }
  for (const update of workflow.fieldUpdates) {
    add(update.objectName, update.targetObject ?? update.field, null)
  }
  for (const message of workflow.outboundMessages) {
    for (const name of message.fields) add(message.objectName, name, null)
  }
  return (objectName) => [...(used.get(objectName.toLowerCase())?.values() ?? [])]
}

const ORDERED = /^(greater|less)/
const RELATIVE_DATE =
  /^(TODAY|YESTERDAY|TOMORROW|(LAST|THIS|NEXT)[ _].*(DAY|WEEK|MONTH|QUARTER|YEAR)S?(:[0-9]+)?|[0-9]+ .* AGO)$/i
const WRITTEN_DATE = /^([0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})\b/

function hintOf({ operation, value }: FilterItem): TypeHint | null {
  const word = value.trim()
  if (word === '') return null
  if (operation === 'includes' || operation === 'excludes') return 'multipicklist'
  if (/^(true|false)$/i.test(word)) return 'checkbox'
  if (RELATIVE_DATE.test(word) || WRITTEN_DATE.test(word)) return 'date'
  if (/^"?[A-Z]{3} [0-9,.]+"?$/.test(word)) return 'currency'
  return ORDERED.test(operation) && /^-?[0-9,.]+$/.test(word) ? 'number' : 'text'
}

/** A field of which only the name is known: its uses and its name's ending say what it is like. */
export function guessField({ name, hints }: UsedField): FieldDefinition {
  return { ...likelyField(name, hints), guessed: true }
}

function likelyField(name: string, hints: readonly TypeHint[]): FieldDefinition {
  const [first] = hints
  if (first !== undefined && hints.every((hint) => hint === first)) {
    switch (first) {
      case 'checkbox':
        return checkbox(name)
      case 'date':
        return field(
          name,
          /(DateTime|Timestamp)(__c)?$|^(Created|Modified)/.test(name) ? 'datetime' : 'date',
        )
      case 'currency':
        return currency(name, 2)
      case 'number':
        return double(name, 6)
      case 'multipicklist':
        return field(name, 'multipicklist', { length: 4099 })
      case 'text':
        break
    }
  }
  if (/^(Is|Has)[A-Z]/.test(name)) return checkbox(name)
  if (/(DateTime|Timestamp)(__c)?$/.test(name)) return field(name, 'datetime')
  if (/Date(__c)?$/.test(name)) return field(name, 'date')
  return text(name, 255)
}

type WholeWorkflow = Workflow & { readonly validationRules: readonly ValidationRule[] }

const RECORD_CURRENCY = 'CurrencyIsoCode'

/**
 * Gives the objects whose workflow names it the currency of the record: in an org with several currencies every
 * record has one, and no file describes it.
 */
export function withRecordCurrency(
  objects: readonly ObjectDefinition[],
  workflow: WholeWorkflow,
): readonly ObjectDefinition[] {
  const named = objectsWithCurrency(workflow)
  return objects.map((object) => {
    if (!named.has(object.name.toLowerCase())) return object
    const others = object.fields.filter(({ name, guessed }) => name !== RECORD_CURRENCY || !guessed)
    if (others.some(({ name }) => name === RECORD_CURRENCY)) return object
    const currency = field(RECORD_CURRENCY, 'picklist', {
      label: 'Currency',
      length: 3,
      picklist: [],
    })
    return { ...object, fields: [...others, currency] }
  })
}

function objectsWithCurrency(workflow: WholeWorkflow): ReadonlySet<string> {
  const { rules, fieldUpdates, outboundMessages, validationRules } = workflow
  const paths = rules.flatMap(({ objectName, formula, criteriaItems }) => [
    ...(isNamedIn(formula) ? [`${objectName}.${RECORD_CURRENCY}`] : []),
    ...criteriaItems.map((item) => item.field),
  ])
  const ofCriteria = paths.flatMap((path) => {
    const [objectName = '', name = ''] = path.split('.')
    return isCurrency(name) ? [objectName] : []
  })
  const others = [
    ...fieldUpdates.filter(({ formula, field: updated, targetObject }) => {
      return isNamedIn(formula) || (targetObject === null && isCurrency(updated))
    }),
    ...outboundMessages.filter(({ fields }) => fields.some(isCurrency)),
    ...validationRules.filter((rule) => isNamedIn(rule.errorConditionFormula)),
  ]
  const names = [...ofCriteria, ...others.map(({ objectName }) => objectName)]
  return new Set(names.map((name) => name.toLowerCase()))
}

function isCurrency(name: string): boolean {
  return name.toLowerCase() === RECORD_CURRENCY.toLowerCase()
}

/** Of the record itself: a parent's is named with the way to it. */
function isNamedIn(formula: string | null): boolean {
  return formula !== null && /(?<![\w.$:])CurrencyIsoCode(?!\w)/i.test(formula)
}
