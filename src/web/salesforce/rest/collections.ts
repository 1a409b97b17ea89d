import type { FastifyInstance } from 'fastify'
import { type RecordEdit, rawFields } from '../../../org/save/record-edit.ts'
import { tryRecordId } from '../../../schema/record-id.ts'
import { ApiError } from '../../api-error.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { asJsonObjects, asTexts, isJsonObject, parseJsonObject } from './json-body.ts'
import { recordJson } from './record-json.ts'
import { definitionOf } from './records.ts'
import { addResource, type RestAnswer, type RestCall } from './rest-call.ts'
import { resultJson } from './save-answers.ts'

/** Records of one request that writes. */
export const EDITS_MAX = 200
/** Records of one request that reads. */
const RETRIEVE_MAX = 2000

/** `/composite/sobjects`: up to 200 records a request, of any objects, saved singly or all or none. */
export function addCollectionResources(app: FastifyInstance, ports: SalesforcePorts): void {
  addResource(app, ports, '/composite/sobjects', {
    POST: (call) => saveBody(ports, call, createOf),
    PATCH: (call) => saveBody(ports, call, updateOf),
    DELETE: (call) => deleteListed(ports, call),
  })
  addResource(app, ports, '/composite/sobjects/:objectName', {
    POST: (call) => retrieveListed(ports, call),
    GET: (call) => retrieveListed(ports, call),
  })
  addResource(app, ports, '/composite/sobjects/:objectName/:field', {
    PATCH: (call) => upsertBody(ports, call),
  })
}

type SentRecord = Readonly<Record<string, unknown>>

async function saveBody(
  { org }: SalesforcePorts,
  call: RestCall,
  editOf: (record: SentRecord) => RecordEdit,
): Promise<RestAnswer> {
  const { records, allOrNone } = readCollection(call)
  const results = await org.save(records.map(editOf), { userId: call.user.userId, allOrNone })
  return { status: 200, body: results.map((result) => resultJson(result, false)) }
}

async function upsertBody({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const keyField = call.part('field')
  const { records, allOrNone } = readCollection(call)
  const edits = records.map((record): RecordEdit => {
    const fields = new Map(rawFields(record))
    const keyName = [...fields.keys()].find((each) => each.toLowerCase() === keyField.toLowerCase())
    const keyValue = keyName === undefined ? null : fields.get(keyName)
    if (keyName !== undefined) fields.delete(keyName)
    return { kind: 'upsert', objectName: typeOf(record) ?? name, keyField, keyValue, fields }
  })
  const results = await org.save(edits, { userId: call.user.userId, allOrNone })
  return { status: 200, body: results.map((result) => resultJson(result, true)) }
}

async function deleteListed({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const ids = listed(call.query.get('ids'))
  if (ids.length === 0) throw missing('the query parameter ids, a list with commas')
  requireAtMost(ids.length, EDITS_MAX)
  const edits = ids.map((recordId): RecordEdit => ({ kind: 'delete', recordId, objectName: null }))
  const allOrNone = call.query.get('allOrNone')?.toLowerCase() === 'true'
  const results = await org.save(edits, { userId: call.user.userId, allOrNone })
  return { status: 200, body: results.map((result) => resultJson(result, false)) }
}

async function retrieveListed({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name: objectName } = await definitionOf(org, call)
  const { ids, fields } = readRetrieval(call)
  if (fields.length === 0) throw missing('fields, the names to answer')
  requireAtMost(ids.length, RETRIEVE_MAX)
  const recordIds = ids.map((id) => {
    const recordId = tryRecordId(id)
    if (recordId === null) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${id}`)
    return recordId
  })
  const { userId } = call.user
  const records = await org.retrieve({ userId, objectName, recordIds, fields })
  const body = records.map((record) => record && recordJson(record, call.version))
  return { status: 200, body }
}

function readRetrieval(call: RestCall): { ids: readonly string[]; fields: readonly string[] } {
  if (call.query.has('ids')) {
    return { ids: listed(call.query.get('ids')), fields: listed(call.query.get('fields')) }
  }
  const body = parseJsonObject(call.body, 'ids and fields')
  return { ids: asTexts(body.ids, 'ids'), fields: asTexts(body.fields, 'fields') }
}

function readCollection(call: RestCall): { records: readonly SentRecord[]; allOrNone: boolean } {
  const body = parseJsonObject(call.body, 'records and allOrNone')
  const records = asJsonObjects(body.records, 'records')
  requireAtMost(records.length, EDITS_MAX)
  return { records, allOrNone: body.allOrNone === true }
}

/** A collection names each record's object in its `attributes.type`. */
function createOf(record: SentRecord): RecordEdit {
  return { kind: 'create', objectName: requireType(record), fields: rawFields(record) }
}

function updateOf(record: SentRecord): RecordEdit {
  const fields = new Map(rawFields(record))
  const idName = [...fields.keys()].find((name) => name.toLowerCase() === 'id')
  const recordId = idName === undefined ? '' : String(fields.get(idName))
  if (idName !== undefined) fields.delete(idName)
  return { kind: 'update', objectName: requireType(record), recordId, fields }
}

/** The object that a record says it is of, or null. */
export function typeOf({ attributes }: SentRecord): string | null {
  return isJsonObject(attributes) && typeof attributes.type === 'string' ? attributes.type : null
}

function requireType(record: SentRecord): string {
  const type = typeOf(record)
  if (type === null) throw missing('attributes.type in each record')
  return type
}

function listed(text: string | null): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
}

/** Refuses more than `max` records in one request: EXCEEDED_ID_LIMIT. */
export function requireAtMost(count: number, max: number): void {
  if (count <= max) return
  throw new ApiError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${max} records into this call: ${count} came`,
  )
}

function missing(what: string): ApiError {
  return new ApiError(400, 'MISSING_ARGUMENT', `the request is missing ${what}`)
}
