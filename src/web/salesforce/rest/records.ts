import type { FastifyInstance } from 'fastify'
import { rawFields, type SaveResult } from '../../../org/save/record-edit.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import { type RecordId, tryRecordId } from '../../../schema/record-id.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { parseJsonObject } from './json-body.ts'
import { recordJson, recordPath } from './record-json.ts'
import { addResource, notFound, type RestAnswer, type RestCall } from './rest-call.ts'
import { refusedAnswer, saveOne } from './save-answers.ts'

/** `/sobjects/T` (POST), `/sobjects/T/ID` and `/sobjects/T/EXTERNAL_ID_FIELD/VALUE`. */
export function addRecordResources(app: FastifyInstance, ports: SalesforcePorts): void {
  addResource(app, ports, '/sobjects/:objectName/:recordId', {
    GET: (call) => readRecord(ports, call),
    PATCH: (call) => updateRecord(ports, call),
    DELETE: (call) => deleteRecord(ports, call),
  })
  // The value may hold slashes, encoded or (as jsforce sends them) bare.
  addResource(app, ports, '/sobjects/:objectName/:field/*', {
    GET: (call) => readByKey(ports, call),
    PATCH: (call) => upsertRecord(ports, call),
    DELETE: (call) => deleteByKey(ports, call),
  })
}

/** POST `/sobjects/T`: 201 with the new id, and where it is. */
export async function createRecord({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const fields = rawFields(parseJsonObject(call.body, 'the record'))
  const result = await saveOne(org, { kind: 'create', objectName: name, fields }, call.user.userId)
  if (result.kind === 'refused') return refusedAnswer(result.errors)
  const body = { id: result.recordId, success: true, errors: [] } as const
  return created(call, name, body)
}

/** The object that the path names; 404 when there is none. */
export async function definitionOf(
  org: SalesforcePorts['org'],
  call: RestCall,
): Promise<ObjectDefinition> {
  const definition = await org.objectOf(call.part('objectName'))
  if (!definition) throw notFound()
  return definition
}

async function readRecord(ports: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const definition = await definitionOf(ports.org, call)
  return readById(ports, call, { definition, recordId: idOf(call.part('recordId')) })
}

async function readById(
  { org }: SalesforcePorts,
  call: RestCall,
  { definition, recordId }: { definition: ObjectDefinition; recordId: RecordId },
): Promise<RestAnswer> {
  const asked = call.query
    .get('fields')
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const fields = asked && asked.length > 0 ? asked : null
  const { userId } = call.user
  const ask = { userId, objectName: definition.name, recordIds: [recordId], fields }
  const [record] = await org.retrieve(ask)
  if (!record) throw notFound()
  return { status: 200, body: recordJson(record, call.version) }
}

async function updateRecord({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const recordId = idOf(call.part('recordId'))
  const fields = rawFields(parseJsonObject(call.body, 'the record'))
  const edit = { kind: 'update', objectName: name, recordId, fields } as const
  return changed(await saveOne(org, edit, call.user.userId))
}

async function deleteRecord({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const edit = { kind: 'delete', recordId: idOf(call.part('recordId')), objectName: name } as const
  return changed(await saveOne(org, edit, call.user.userId))
}

async function readByKey(ports: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const definition = await definitionOf(ports.org, call)
  return readById(ports, call, { definition, recordId: await idByKey(ports, call, definition) })
}

async function deleteByKey(ports: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const definition = await definitionOf(ports.org, call)
  const recordId = await idByKey(ports, call, definition)
  const edit = { kind: 'delete', recordId, objectName: definition.name } as const
  return changed(await saveOne(ports.org, edit, call.user.userId))
}

async function upsertRecord({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const fields = rawFields(parseJsonObject(call.body, 'the record'))
  const key = { keyField: call.part('field'), keyValue: call.part('*') }
  const edit = { kind: 'upsert', objectName: name, ...key, fields } as const
  const result = await saveOne(org, edit, call.user.userId)
  if (result.kind === 'refused') return refusedAnswer(result.errors)
  const { recordId: id, isCreated } = result
  const body = { id, success: true, errors: [], created: isCreated } as const
  return isCreated ? created(call, name, body) : { status: 200, body }
}

async function idByKey(
  { org }: SalesforcePorts,
  call: RestCall,
  definition: ObjectDefinition,
): Promise<RecordId> {
  const asked = call.part('field')
  const value = call.part('*')
  if (asked.toLowerCase() === 'id') return idOf(value)
  const { userId } = call.user
  const key = { userId, objectName: definition.name, field: asked, value }
  const recordId = await org.findByKey(key)
  if (recordId === null) throw notFound()
  return recordId
}

type SavedBody = { readonly id: RecordId; readonly success: true; readonly errors: readonly [] }

function created({ version }: RestCall, objectName: string, body: SavedBody): RestAnswer {
  const location = recordPath(version, objectName, body.id)
  return { status: 201, body, headers: { location } }
}

/** What was changed is answered with nothing. A record that is not there is the path's fault: 404. */
function changed(result: SaveResult): RestAnswer {
  if (result.kind === 'saved') return { status: 204 }
  const [first] = result.errors
  const isMissing =
    first?.statusCode === 'INVALID_CROSS_REFERENCE_KEY' &&
    first.fields.every((name) => name.toLowerCase() === 'id')
  if (isMissing) throw notFound()
  return refusedAnswer(result.errors)
}

/** In a path, what is no id is read as a field's name, and there is no such field. */
function idOf(text: string): RecordId {
  const recordId = tryRecordId(text)
  if (recordId === null) throw noSuchKey(text)
  return recordId
}

function noSuchKey(text: string) {
  return notFound(`Provided external ID field does not exist or is not accessible: ${text}`)
}
