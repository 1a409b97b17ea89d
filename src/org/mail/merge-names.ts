import { FormulaError } from '../../rules/formula/errors.ts'
import { readToken, type Token } from '../../rules/formula/parse/lexer.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  referenceOf,
} from '../../schema/object-definition.ts'

/** What a merge field says, in the words of formulas. */
export type MergeReading =
  | {
      readonly kind: 'formula'
      readonly text: string
      /** Whose fields it names: the record's, or those of who gets the e-mail. */
      readonly of: 'record' | 'receiver'
      /** The field, where it is nothing but one. */
      readonly field: FieldDefinition | null
    }
  /** `{!Case.Link}`: where the record is seen. */
  | { readonly kind: 'link' }
  /** `{!Case.Thread_Id}`: by which a reply is known. */
  | { readonly kind: 'thread' }
  | { readonly kind: 'unknown'; readonly reason: string }

type Objects = (name: string) => ObjectDefinition | undefined

/** What merge fields are read in. `receiver` is User or Contact; null where only an address is known. */
export type MergeScope = {
  readonly object: ObjectDefinition
  readonly objects: Objects
  readonly receiver: ObjectDefinition | null
}

/**
 * Reads what stands between `{!` and `}`. Templates name a record by its object (`Case.Subject`), a parent by
 * the parent's object (`Account.Name` of a case), and have names of their own (`Account.OwnerFullName`).
 */
export function readMergeExpression(expression: string, scope: MergeScope): MergeReading {
  try {
    const tokens = tokensOf(expression)
    const only = tokens.length === 1 && tokens[0]?.kind === 'name' ? tokens[0].text : null
    if (only !== null && LINK.test(only)) return { kind: 'link' }
    if (only !== null && THREAD.test(only)) return { kind: 'thread' }
    return asFormula(expression, tokens, scope)
  } catch (error) {
    if (error instanceof FormulaError) return { kind: 'unknown', reason: error.message }
    throw error
  }
}

const LINK = /^(?:\w+\.)?(?:Link|DetailLink)$/i
const THREAD = /^Case\.Thread_?Id$/i

function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; ; ) {
    const token = readToken(expression, at)
    if (token.kind === 'end') return tokens
    tokens.push(token)
    at = token.end
  }
}

function asFormula(expression: string, tokens: readonly Token[], scope: MergeScope): MergeReading {
  const substitute = substituteIn(expression, tokens)
  const names = tokens.filter((token, index) => isName(token, tokens[index + 1]))
  const meant = substitute === null ? names : names.slice(0, 1)
  const resolved = meant.map((token) => ({ token, name: resolveName(token.text, scope) }))
  const kinds = new Set(resolved.flatMap(({ name }) => name.of ?? []))
  if (kinds.size > 1) {
    return { kind: 'unknown', reason: 'fields of the record and of its receiver stand in one' }
  }
  const bad = resolved.find(({ name }) => name.unknown)
  if (bad) return { kind: 'unknown', reason: `there is no ${bad.token.text.slice(0, 100)} here` }
  const [first] = resolved
  const common = {
    kind: 'formula' as const,
    of: kinds.has('receiver') ? ('receiver' as const) : ('record' as const),
  }
  if (substitute !== null && first) {
    const text = `BLANKVALUE(${asText(first.name)}, ${quotedText(substitute)})`
    return { ...common, text, field: null }
  }
  const text = resolved.reduceRight((written, { token, name }) => {
    return written.slice(0, token.at) + name.text + written.slice(token.end)
  }, expression)
  const field = tokens.length === 1 ? (first?.name.field ?? null) : null
  return { ...common, text, field }
}

/** `{!Contact.FirstName, Valued Customer}`: what stands there when the field is blank. */
function substituteIn(expression: string, tokens: readonly Token[]): string | null {
  const [name, comma] = tokens
  if (name?.kind !== 'name' || comma?.text !== ',') return null
  return expression
    .slice(comma.end)
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
}

function asText({ text, field }: ResolvedName): string {
  const isText = field === null || TEXT_TYPES.has(field.type)
  return isText ? text : `TEXT(${text})`
}

const TEXT_TYPES: ReadonlySet<string> = new Set([
  'string',
  'textarea',
  'email',
  'phone',
  'url',
  'id',
  'reference',
  'autonumber',
  'encryptedstring',
])

function quotedText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\r?\n/g, ' ')}"`
}

const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'not'])

function isName(token: Token, next: Token | undefined): boolean {
  return token.kind === 'name' && next?.text !== '(' && !WORDS.has(token.text.toLowerCase())
}

type ResolvedName = {
  /** As formulas have it. */
  readonly text: string
  /** Null: of neither, as `$User.Email`. */
  readonly of: 'record' | 'receiver' | null
  readonly field: FieldDefinition | null
  readonly unknown?: boolean
}

/** Names that stand for somebody, or the whole org. */
const GLOBALS: ReadonlyMap<string, string> = new Map([
  ['user', '$User'],
  ['sending_user', '$User'],
  ['sender', '$User'],
  ['organization', '$Organization'],
  ['profile', '$Profile'],
  ['userrole', '$UserRole'],
])

function resolveName(name: string, scope: MergeScope): ResolvedName {
  const [first = '', ...rest] = name.split('.')
  const word = first.toLowerCase()
  if (word.startsWith('$')) return { text: name, of: null, field: null }
  if (rest.length === 0 && (word === 'today' || word === 'now')) {
    return { text: `${word.toUpperCase()}()`, of: null, field: null }
  }
  if (word === 'receiving_user' || word === 'recipient') {
    if (scope.receiver === null) return { text: 'NULL', of: 'receiver', field: null }
    return { ...resolvePath(rest, scope.receiver, scope.objects), of: 'receiver' }
  }
  const global = GLOBALS.get(word)
  if (global !== undefined && rest.length > 0) return globalName(global, rest, scope)
  return { ...resolvePath(stepsOf(first, rest, scope), scope.object, scope.objects), of: 'record' }
}

function globalName(
  global: string,
  rest: readonly string[],
  { objects }: MergeScope,
): ResolvedName {
  const object = objects(global.slice(1))
  const field = object && rest.length === 1 ? (fieldOf(object, rest[0] ?? '') ?? null) : null
  return { text: [global, ...rest].join('.'), of: null, field }
}

/** The way from the record: its own object's name is no step, a parent object's is that of its reference. */
function stepsOf(
  first: string,
  rest: readonly string[],
  { object, objects }: MergeScope,
): readonly string[] {
  const word = first.toLowerCase()
  if (rest.length === 0) return [first]
  if (word === 'relatedto' || word === object.name.toLowerCase()) return rest
  if (referenceOf(object, first.split(':')[0] ?? '')) return [first, ...rest]
  const parent = objects(first)
  const relationship = parent && parentReference(object, parent.name)?.relationshipName
  return relationship ? [relationship, ...rest] : [first, ...rest]
}

/** The standard reference to that object, else the master, else the first. */
function parentReference(object: ObjectDefinition, target: string): FieldDefinition | undefined {
  const all = object.fields.filter(({ referenceTo }) => referenceTo?.includes(target))
  return (
    all.find(({ name }) => name === `${target}Id`) ??
    all.find(({ name }) => !name.endsWith('__c')) ??
    all.find(({ masterDetail }) => masterDetail === true) ??
    all[0]
  )
}

type Path = Pick<ResolvedName, 'text' | 'field' | 'unknown'>

function resolvePath(steps: readonly string[], from: ObjectDefinition, objects: Objects): Path {
  let places: readonly ObjectDefinition[] = [from]
  for (const step of steps.slice(0, -1)) places = follow(places, step, objects)
  const way = steps.slice(0, -1)
  const last = steps.at(-1) ?? ''
  const field = fieldAt(places, last)
  if (field) return ofField([...way], field, { places, objects })
  const owner = /^Owner(FullName|FirstName|LastName|Email|Phone|Title)$/i.exec(last)?.[1]
  if (owner) {
    return resolvePath([...way, 'Owner', owner === 'FullName' ? 'Name' : owner], from, objects)
  }
  // `{!Case.Account}` and `{!Case.CreatedBy}` are the names of those records.
  const parents = follow(places, last, objects)
  const nameField = parents.flatMap((each) => nameFieldOf(each) ?? [])[0]
  if (nameField) return resolvePath([...way, last, nameField.name], from, objects)
  // `{!Invoice__c.AccountId__c}` is the id of what `Account__c` refers to.
  const idOf = /^(\w+)Id(__c)$/i.exec(last)
  const reference = idOf ? fieldAt(places, `${idOf[1]}${idOf[2]}`) : undefined
  if (reference?.type === 'reference') {
    return { text: [...way, reference.name].join('.'), field: { ...reference, type: 'id' } }
  }
  return { text: steps.join('.'), field: null, unknown: true }
}

/** A custom lookup shows the name of its record, a standard one its id. */
function ofField(
  way: readonly string[],
  field: FieldDefinition,
  { places, objects }: { places: readonly ObjectDefinition[]; objects: Objects },
): Path {
  const { name, type, relationshipName } = field
  if (type === 'reference' && name.endsWith('__c') && relationshipName) {
    const shown = follow(places, relationshipName, objects).flatMap(
      (each) => nameFieldOf(each) ?? [],
    )[0]
    if (shown) return { text: [...way, relationshipName, shown.name].join('.'), field: shown }
  }
  const text = [...way, name].join('.')
  // Salesforce shows the day alone of these two.
  const isStamp = name === 'CreatedDate' || name === 'LastModifiedDate'
  if (isStamp) return { text: `DATEVALUE(${text})`, field: { ...field, type: 'date' } }
  return { text, field }
}

function follow(
  places: readonly ObjectDefinition[],
  step: string,
  objects: Objects,
): readonly ObjectDefinition[] {
  const [relationship = '', kind] = step.split(':')
  return places.flatMap((place) => {
    const targets = referenceOf(place, relationship)?.referenceTo ?? []
    const wanted = kind === undefined ? targets : [kind.toLowerCase() === 'queue' ? 'Group' : kind]
    return wanted.flatMap((name) => objects(name) ?? [])
  })
}

function fieldAt(places: readonly ObjectDefinition[], name: string): FieldDefinition | undefined {
  return places.flatMap((place) => fieldOf(place, name) ?? [])[0]
}

const NAME_FIELDS = ['Name', 'CaseNumber', 'ContractNumber', 'OrderNumber', 'Subject', 'Title']

function nameFieldOf(object: ObjectDefinition): FieldDefinition | undefined {
  return NAME_FIELDS.flatMap((name) => fieldOf(object, name) ?? [])[0]
}
