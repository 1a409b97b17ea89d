import { DAY_MS } from '../../../base/clock.ts'
import { fieldOf, type ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { quoted } from '../errors.ts'
import { booleanOf, type Expression, textOf } from '../expression.ts'
import { addPath, type Scope, warn } from '../scope.ts'
import { dayOf } from '../values/calendar.ts'
import { fieldExpression, type Locate } from './fields.ts'
import { objectNamed, relatedRecord } from './references.ts'

type GlobalName = { readonly name: string; readonly words: readonly string[]; readonly at: number }

/** `$System.OriginDateTime`: 1 January 1900, GMT. */
const ORIGIN = dayOf(1900, 1, 1) * DAY_MS

/** Compiles `$User.X` and the other global variables; an unknown one is a warning and reads null. */
export function compileGlobal(name: string, at: number, scope: Scope): Expression {
  const [first = '', ...words] = name.split('.')
  const global = { name, words, at }
  const [word = ''] = words
  switch (first.toLowerCase()) {
    case '$user':
      return ofRecord('User', (context) => context.user.record, global, scope)
    case '$profile':
      return ofRecord('Profile', (context) => context.user.profile, global, scope)
    case '$userrole':
      return ofRecord('UserRole', (context) => context.user.role, global, scope)
    case '$recordtype':
      return recordTypeField(global, scope)
    case '$organization':
      return organizationField(global, scope)
    case '$setup':
      return settingField(global, scope)
    case '$label':
      return textOf((context) => context.label?.(words.join('__')) ?? null)
    case '$permission':
      return booleanOf((context) => context.user.permissions.has(word.toLowerCase()))
    case '$objecttype':
      return fieldOfObject(global, scope)
    case '$api':
      return apiValue(global, scope)
    case '$system':
      if (word.toLowerCase() === 'origindatetime') return { type: 'DateTime', run: () => ORIGIN }
      return unknown(global, scope)
    default:
      return unknown(global, scope)
  }
}

/** `$ObjectType.Object__c.Fields.Field__c`, for VLOOKUP. */
function fieldOfObject(global: GlobalName, scope: Scope): Expression {
  const [objectName = '', fields = '', fieldName = ''] = global.words
  const object = scope.objects(objectName)
  const definition = object && fieldOf(object, fieldName)
  if (!object || !definition || fields.toLowerCase() !== 'fields') return unknown(global, scope)
  return { type: 'Unknown', run: () => null, objectField: { object, definition } }
}

function unknown({ name, at }: GlobalName, scope: Scope): Expression {
  warn(scope, at, 'FORMULA_UNKNOWN_GLOBAL', `there is no ${quoted(name)} here: it counts as blank`)
  return { type: 'Unknown', run: () => null }
}

function ofRecord(
  objectName: string,
  locate: Locate,
  global: GlobalName,
  scope: Scope,
): Expression {
  const object = objectNamed(objectName, scope)
  const [fieldName = ''] = global.words
  const definition = object && fieldOf(object, fieldName)
  if (!object || !definition || global.words.length !== 1) return unknown(global, scope)
  return fieldExpression({ object, definition, locate, path: [], at: global.at }, scope)
}

function recordTypeField(global: GlobalName, scope: Scope): Expression {
  const locate = (context: EvaluationContext) =>
    relatedRecord(context, context.record, 'RecordTypeId')
  addPath(scope, global.at, ['RecordTypeId'])
  return ofRecord('RecordType', locate, global, scope)
}

function organizationField(global: GlobalName, scope: Scope): Expression {
  switch (global.words.join('.').toLowerCase()) {
    case 'id':
      return textOf(({ org }) => (scope.ids === 'long' ? org.id : org.id.slice(0, 15)))
    case 'name':
      return textOf((context) => context.org.name)
    default:
      return ofRecord('Organization', (context) => context.organization ?? null, global, scope)
  }
}

const SERVER_URL = /^(partner|enterprise)_server_url_([0-9]{2,3})$/

/** `$Api.Partner_Server_URL_560`; there is no session whose id `$Api.Session_ID` could be. */
function apiValue(global: GlobalName, scope: Scope): Expression {
  const word = global.words.join('.').toLowerCase()
  if (word === 'session_id') return textOf(() => null)
  const [, api, digits = ''] = SERVER_URL.exec(word) ?? []
  if (api === undefined) return unknown(global, scope)
  const path = `services/Soap/${api === 'partner' ? 'u' : 'c'}/${Number(digits) / 10}`
  return textOf(({ serverUrl, org }) => {
    return serverUrl
      ? `${serverUrl}/${path.replace(/\/(\d+)$/, '/$1.0')}/${org.id.slice(0, 15)}`
      : null
  })
}

/** `$Setup.X__c.Y__c`: the caller has merged the setting's levels for the running user. */
function settingField(global: GlobalName, scope: Scope): Expression {
  const [objectName = '', fieldName = ''] = global.words
  const object = scope.objects(objectName)
  const definition = object && fieldOf(object, fieldName)
  if (!object || !definition) return unknown(global, scope)
  const locate = (context: EvaluationContext) => settingRecord(object, context)
  return fieldExpression({ object, definition, locate, path: [], at: global.at }, scope)
}

function settingRecord(object: ObjectDefinition, context: EvaluationContext): OrgRecord | null {
  const fields = context.setup?.(object.name)
  if (fields === undefined) return null
  // A merged setting is no row: it has no id of its own.
  return { objectName: object.name, recordId: '' as RecordId, version: 0, fields }
}
