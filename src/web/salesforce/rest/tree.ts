import type { FastifyInstance } from 'fastify'
import { type RecordEdit, rawFields } from '../../../org/save/record-edit.ts'
import { ApiError } from '../../api-error.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { EDITS_MAX, requireAtMost, typeOf } from './collections.ts'
import { asJsonObjects, isJsonObject, parseJsonObject } from './json-body.ts'
import { definitionOf } from './records.ts'
import { addResource, type RestAnswer, type RestCall } from './rest-call.ts'

/** `/composite/tree/T`: up to 200 new records of one object, all or none, each under a reference id. */
export function addTreeResources(app: FastifyInstance, ports: SalesforcePorts): void {
  addResource(app, ports, '/composite/tree/:objectName', { POST: (call) => plant(ports, call) })
}

async function plant({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { name } = await definitionOf(org, call)
  const records = asJsonObjects(parseJsonObject(call.body, 'records').records, 'records')
  requireAtMost(records.length, EDITS_MAX)
  const references = records.map(referenceOf)
  const edits = records.map((record): RecordEdit => {
    refuseNested(record)
    return { kind: 'create', objectName: typeOf(record) ?? name, fields: rawFields(record) }
  })
  const results = await org.save(edits, { userId: call.user.userId, allOrNone: true })
  const refused = results.flatMap((result, index) =>
    result.kind === 'refused' ? [{ referenceId: references[index], errors: result.errors }] : [],
  )
  if (refused.length > 0) return { status: 400, body: { hasErrors: true, results: refused } }
  const saved = results.flatMap((result, index) =>
    result.kind === 'saved' ? [{ referenceId: references[index], id: result.recordId }] : [],
  )
  return { status: 201, body: { hasErrors: false, results: saved } }
}

function referenceOf({ attributes }: Readonly<Record<string, unknown>>): string {
  const reference = isJsonObject(attributes) ? attributes.referenceId : undefined
  if (typeof reference === 'string' && reference !== '') return reference
  throw new ApiError(
    400,
    'INVALID_INPUT',
    'each record needs attributes.type and a referenceId of its own',
  )
}

/** `sf` resolves references itself and sends records flat; children inside their parent are not taken. */
function refuseNested(record: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(record)) {
    if (!isJsonObject(value) || !Array.isArray(value.records)) continue
    throw new ApiError(
      400,
      'INVALID_INPUT',
      `${name}: records inside a record are not taken: send them in a request of their own, with the parent's id`,
    )
  }
}
