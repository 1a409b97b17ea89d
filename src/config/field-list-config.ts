import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeXml } from '../base/encoding/xml-decoder.ts'
import { XmlError } from '../base/xml.ts'
import { tryRecordId } from '../schema/record-id.ts'
import type { FieldList } from '../wire/field-list/field-list.ts'
import { FieldListError, readFieldList } from '../wire/field-list/read-field-list.ts'
import type { ConfigReader } from './config-reader.ts'

/** The object that a workflow file is named after. */
const WORKFLOW_FILE = /^(\w+)\.workflow(-meta\.xml)?$/

/** Reads one of a job config's `fieldLists`: the WSDL or workflow file it names, seen from the project's folder. */
export function readConfiguredFieldList(list: ConfigReader, folder: string): FieldList {
  const file = list.requiredText('file')
  const actionId = list.optionalText('actionId')
  const id = actionId === null ? null : tryRecordId(actionId)
  if (actionId !== null && id === null) {
    throw list.mistake('actionId', 'an id of 15 or 18 characters', actionId)
  }
  const hints = {
    objectName: list.optionalText('object') ?? WORKFLOW_FILE.exec(basename(file))?.[1] ?? null,
    messageName: list.optionalText('message'),
    actionId: id,
  }
  try {
    return readFieldList(decodeXml(readFileSync(join(folder, file))), hints)
  } catch (error) {
    if (!isMistake(error)) throw error
    throw list.mistake(
      'file',
      `an outbound message’s WSDL or workflow file (${error.message})`,
      file,
    )
  }
}

/** What is wrong with the file, or with finding it. */
function isMistake(error: unknown): error is Error {
  if (error instanceof FieldListError || error instanceof XmlError) return true
  return error instanceof Error && 'syscall' in error
}
