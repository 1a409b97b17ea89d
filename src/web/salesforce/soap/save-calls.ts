import type { RecordEdit, SaveResult } from '../../../org/save/record-edit.ts'
import type { SaveError } from '../../../org/values/save-error.ts'
import { EDITS_MAX, requireAtMost } from '../rest/collections.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { missingArgument, type SoapCall, soapUser } from './soap-call.ts'
import { childrenOf, childText } from './soap-element.ts'
import { readSobject, type SentSobject } from './sobject-xml.ts'
import { writeText } from './write-soap.ts'

export async function create(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const edits = sentSobjects(call).map(
    ({ objectName, fields }): RecordEdit => ({ kind: 'create', objectName, fields }),
  )
  return save(ports, call, { edits, writeResult: writeSaved })
}

export async function update(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const edits = sentSobjects(call).map(({ objectName, recordId, fields }): RecordEdit => {
    return { kind: 'update', objectName, recordId: recordId ?? '', fields }
  })
  return save(ports, call, { edits, writeResult: writeSaved })
}

export async function upsert(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const keyField = childText(call.call, 'externalIDFieldName')
  if (!keyField) throw missingArgument('externalIDFieldName')
  const edits = sentSobjects(call).map((sent) => upsertEdit(sent, keyField))
  return save(ports, call, { edits, writeResult: writeUpserted })
}

/** `delete`: ids of any objects. */
export async function deleteRecords(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const edits = childrenOf(call.call, 'ids').map(
    ({ text }): RecordEdit => ({ kind: 'delete', recordId: text.trim(), objectName: null }),
  )
  return save(ports, call, { edits, writeResult: writeSaved })
}

async function save(
  ports: SalesforcePorts,
  call: SoapCall,
  {
    edits,
    writeResult,
  }: { edits: readonly RecordEdit[]; writeResult: (each: SaveResult) => string },
): Promise<string> {
  const { userId } = await soapUser(ports, call)
  requireAtMost(edits.length, EDITS_MAX)
  const results = await ports.org.save(edits, { userId, allOrNone: call.allOrNone })
  return results.map(writeResult).join('')
}

function sentSobjects({ call }: SoapCall): readonly SentSobject[] {
  return childrenOf(call, 'sObjects').map(readSobject)
}

function upsertEdit({ objectName, recordId, fields }: SentSobject, keyField: string): RecordEdit {
  if (keyField.toLowerCase() === 'id') {
    return { kind: 'upsert', objectName, keyField, keyValue: recordId, fields }
  }
  const keyName = [...fields.keys()].find((name) => name.toLowerCase() === keyField.toLowerCase())
  const rest = new Map(fields)
  if (keyName !== undefined) rest.delete(keyName)
  const keyValue = keyName === undefined ? null : fields.get(keyName)
  return { kind: 'upsert', objectName, keyField, keyValue, fields: rest }
}

function writeSaved(result: SaveResult): string {
  if (result.kind === 'refused') {
    const errors = result.errors.map(writeError).join('')
    return `<result>${errors}<id xsi:nil="true"/><success>false</success></result>`
  }
  return `<result>${writeText('id', result.recordId)}<success>true</success></result>`
}

function writeUpserted(result: SaveResult): string {
  const isCreated = result.kind === 'saved' && result.isCreated
  return writeSaved(result).replace('<result>', `<result>${writeText('created', isCreated)}`)
}

function writeError({ fields, message, statusCode }: SaveError): string {
  const names = fields.map((name) => writeText('fields', name)).join('')
  return `<errors>${names}${writeText('message', message)}${writeText('statusCode', statusCode)}</errors>`
}
