import type { NamedOp } from '../op.ts'
import { commit } from './commit.ts'
import {
  claimSetting,
  deleteSession,
  endSessions,
  readPasswordHash,
  readSession,
  readSetting,
  retainSessions,
  writePasswordHash,
  writeSession,
  writeSetting,
} from './people.ts'
import { select } from './query/select.ts'
import { readRecords } from './records.ts'
import { readDefinitions, replaceDefinitions } from './replace-definitions.ts'
import { reserveSerials } from './serials.ts'

/** The ops of this folder, for the registry. */
export const ORG_OPS: readonly NamedOp<never, unknown>[] = [
  claimSetting,
  commit,
  deleteSession,
  endSessions,
  readDefinitions,
  readPasswordHash,
  readRecords,
  readSession,
  readSetting,
  replaceDefinitions,
  reserveSerials,
  retainSessions,
  select,
  writePasswordHash,
  writeSession,
  writeSetting,
]
