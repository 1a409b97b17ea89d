import type { Project } from '../metadata/project.ts'
import { firstUserId } from '../org/founding/found-org.ts'
import type { Org } from '../org/open-org.ts'
import { type RecordEdit, rawFields } from '../org/save/record-edit.ts'
import { RECORDS_MAX, saveRecords } from '../org/save/save-records.ts'

const KNOWN_MAX = 5000

/** Makes the records that stand for a project's queues and record types, where the org has none yet. */
export async function seedSetupRecords(org: Org, project: Project): Promise<void> {
  const { records } = await org.store.readRecords([
    { kind: 'all', objectName: 'Group', limit: KNOWN_MAX },
    { kind: 'all', objectName: 'RecordType', limit: KNOWN_MAX },
  ])
  const known = new Set(
    records.map(({ objectName, fields }) =>
      nameOf(objectName, fields.SobjectType ?? null, fields.DeveloperName ?? null),
    ),
  )
  const wanted = [...queueEdits(project), ...recordTypeEdits(project)].filter(
    ({ objectName, values }) =>
      !known.has(nameOf(objectName, values.SobjectType ?? null, values.DeveloperName)),
  )
  const edits = wanted.map(
    ({ objectName, values }): RecordEdit => ({
      kind: 'create',
      objectName,
      fields: rawFields(values),
    }),
  )
  for (let start = 0; start < edits.length; start += RECORDS_MAX) {
    const results = await saveRecords(org, edits.slice(start, start + RECORDS_MAX), {
      userId: firstUserId(),
      allOrNone: false,
    })
    for (const result of results) {
      if (result.kind === 'saved') continue
      org.log.warn('project.record_not_made', { reason: result.errors[0]?.message })
    }
  }
}

function nameOf(objectName: string, owner: unknown, developerName: unknown): string {
  return `${objectName} ${owner ?? ''} ${developerName ?? ''}`.toLowerCase()
}

type Wanted = {
  readonly objectName: string
  readonly values: {
    readonly DeveloperName: string
    readonly SobjectType?: string
    readonly [field: string]: string | boolean | undefined
  }
}

function queueEdits({ queues }: Project): readonly Wanted[] {
  return queues.map(({ developerName, name }) => ({
    objectName: 'Group',
    values: { DeveloperName: developerName, Name: name, Type: 'Queue' },
  }))
}

function recordTypeEdits({ objects }: Project): readonly Wanted[] {
  return objects.flatMap((object) =>
    object.recordTypes.map(({ developerName, label, active }) => ({
      objectName: 'RecordType',
      values: {
        DeveloperName: developerName,
        Name: label,
        SobjectType: object.name,
        IsActive: active,
      },
    })),
  )
}
