import type { EmailSubject, NewEmail } from '../../mail/email.ts'
import type { OrgRecord, RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Expectation, RecordWrite } from '../org-store.ts'
import {
  type DueOutcome,
  decideDue,
  endOf,
  firedIn,
  type PendingDue,
} from '../time-queue/decide-due.ts'
import { type EntryBook, type EntryChanges, openEntryBook } from '../time-queue/entry-book.ts'
import type { SaveError } from '../values/save-error.ts'
import type { Remark, SaveContext } from './context/save-context.ts'
import { expectationsOf } from './expectations.ts'
import type { FoundForSave } from './found-for-save.ts'
import type { ParsedEdit, RecordKey } from './parse-edit.ts'
import { applyEdit, type PendingEdit } from './record/apply-edit.ts'
import { type Carried, type CarriedOrRefused, carryChange } from './record/carry-change.ts'
import { newReferences, referenceErrors } from './record/check-record.ts'
import { deleteRecord } from './record/delete-record.ts'
import { keyError, keysOf, saidTwice } from './record/taken-keys.ts'
import { saveMasters } from './save-masters.ts'

/** A debt without its id yet. */
export type Owed = {
  readonly objectName: string
  readonly recordId: RecordId
  readonly ruleFullName: string
  readonly outboundMessageKey: string
}

/** An e-mail that is owed, without its id yet. */
export type OwedEmail = Pick<NewEmail, 'about' | 'objectName' | 'recordId' | 'ruleFullName'>

/** One record as the save leaves it. */
export type WrittenRecord = {
  readonly write: RecordWrite['kind']
  /** As committed when it was read; null when it is new. */
  readonly before: OrgRecord | null
  readonly after: OrgRecord
  /** The edits that led to it, by place: more than one where children update their parent. */
  readonly edits: readonly number[]
  /** The key it was found missing by, of an upsert. */
  readonly upsertKey: RecordKey | null
  /** Only its version grows, so that rivals meet at it: nobody need be told. */
  readonly isOnlyTouched: boolean
}

/** What is to be written, what it owes, what must still hold, and which edits had to be refused. */
export type Decision = {
  readonly written: ReadonlyMap<RecordId, WrittenRecord>
  readonly owed: readonly Owed[]
  readonly emails: readonly OwedEmail[]
  readonly fired: readonly { readonly ruleFullName: string; readonly recordId: RecordId }[]
  readonly ran: readonly { readonly flow: string; readonly recordId: RecordId }[]
  readonly remarks: readonly Remark[]
  readonly timeEntries: EntryChanges
  /** What becomes of due entries that were not refused, by their place. */
  readonly due: ReadonlyMap<number, DueOutcome>
  readonly expectations: readonly Expectation[]
  /** By the edit's place. */
  readonly refusals: ReadonlyMap<number, readonly SaveError[]>
  /** The record of each edit that was not refused. */
  readonly recordOfEdit: ReadonlyMap<number, RecordId>
}

/** A decision while it grows. */
type Draft = {
  readonly written: Map<RecordId, WrittenRecord>
  readonly owed: Owed[]
  readonly emails: OwedEmail[]
  readonly fired: { readonly ruleFullName: string; readonly recordId: RecordId }[]
  readonly ran: { readonly flow: string; readonly recordId: RecordId }[]
  readonly remarks: Remark[]
  readonly entries: EntryBook
  readonly due: Map<number, DueOutcome>
  readonly refusals: Map<number, readonly SaveError[]>
  readonly recordOfEdit: Map<number, RecordId>
  readonly takenKeys: Map<string, RecordId>
}

/**
 * Pure: applies the edits in order, fires the rules, saves the masters that details roll up to, and says
 * what the store must find to be so still. Where a master is refused, its details are: the rest is decided anew.
 */
export function decideSave(
  pending: readonly PendingEdit[],
  found: FoundForSave,
  context: SaveContext,
  due: readonly PendingDue[] = [],
): Decision {
  const refusedByMasters = new Map<number, readonly SaveError[]>()
  for (;;) {
    context.begin()
    const isLeft = ({ index }: { index: number }) => !refusedByMasters.has(index)
    const draft = decideEdits(pending.filter(isLeft), found, context)
    decideDueEntries(draft, due.filter(isLeft), found, context)
    const take = (steps: readonly Carried[], edits: readonly number[]) => {
      const inHand = due.filter(({ index }) => edits.includes(index))
      return takeSteps(draft, steps, { edits, key: null, inHand, found, context })
    }
    const refused = saveMasters({ written: draft.written, context, take })
    if (refused === null) return decisionOf(draft, refusedByMasters, context)
    for (const index of refused.edits) refusedByMasters.set(index, refused.errors)
  }
}

function decisionOf(
  draft: Draft,
  refusedByMasters: ReadonlyMap<number, readonly SaveError[]>,
  { definitions }: SaveContext,
): Decision {
  const { written } = draft
  const timeEntries = draft.entries.changes()
  return {
    ...draft,
    timeEntries,
    refusals: new Map([...draft.refusals, ...refusedByMasters]),
    expectations: [
      ...[...written.values()].flatMap((each) => expectationsOf(each, written, definitions)),
      ...timeEntries.expectations,
    ],
  }
}

function decideEdits(
  pending: readonly PendingEdit[],
  found: FoundForSave,
  context: SaveContext,
): Draft {
  const draft: Draft = {
    written: new Map(),
    owed: [],
    emails: [],
    fired: [],
    ran: [],
    remarks: [],
    entries: openEntryBook(context.timers),
    due: new Map(),
    refusals: new Map(),
    recordOfEdit: new Map(),
    takenKeys: new Map(),
  }
  for (const each of pending) {
    const errors = decideEdit(draft, each, found, context)
    if (errors.length > 0) draft.refusals.set(each.index, errors)
  }
  return draft
}

/** Takes one edit into the draft. Answers why it is refused, or nothing. */
function decideEdit(
  draft: Draft,
  pending: PendingEdit,
  found: FoundForSave,
  context: SaveContext,
): readonly SaveError[] {
  const { edit, index } = pending
  // What this call has already made of a record counts, as a child's field update on it does.
  const recordOf = (id: RecordId) => draft.written.get(id)?.after ?? found.recordOf(id)
  const applied = applyEdit(pending, { ...found, recordOf }, context)
  if (applied.kind === 'refused') return applied.errors
  const { write, before, after } = applied
  const { recordId, objectName } = after
  const twice = saidTwice(draft, edit, recordId)
  if (twice) return [twice]

  const change: RecordChange = { objectName, recordId, before, after }
  const inHand = [...draft.written.values()].map((each) => each.after)
  const carried = carryEdit(edit, write, change, { context, recordOf, inHand })
  if (carried.kind === 'refused') return carried.errors
  const at = { edits: [index], key: edit.key, inHand: [], found, context }
  const errors = takeSteps(draft, carried.steps, at)
  if (errors.length === 0) draft.recordOfEdit.set(index, recordId)
  return errors
}

/** Takes due entries into the draft, each over what those before it made of its record. */
function decideDueEntries(
  draft: Draft,
  due: readonly PendingDue[],
  found: FoundForSave,
  context: SaveContext,
): void {
  const current = (id: RecordId) => living(draft.written.get(id)?.after ?? found.recordOf(id))
  for (const each of due) {
    const decided = decideDue(each, { entries: draft.entries, context, current })
    const at = { edits: [each.index], key: null, inHand: [each], found, context }
    const errors = decided.kind === 'refused' ? decided.errors : takeSteps(draft, decided.steps, at)
    if (errors.length > 0) draft.refusals.set(each.index, errors)
    else if (decided.kind === 'decided') {
      draft.due.set(each.index, decided.outcome)
      const end = endOf(decided.outcome)
      if (end) draft.entries.end(each.leased, end)
    }
  }
}

type TakenFor = {
  /** The edits that led to the steps. */
  readonly edits: readonly number[]
  /** Of an upsert, the key of the first step. */
  readonly key: RecordKey | null
  /** The due entries that the steps carry out. */
  readonly inHand: readonly PendingDue[]
  readonly found: FoundForSave
  readonly context: SaveContext
}

/** Takes what a save came to into the draft, unless somebody else has its unique values. */
function takeSteps(
  draft: Draft,
  steps: readonly Carried[],
  { edits, key, inHand, found, context }: TakenFor,
): readonly SaveError[] {
  const keys = steps.flatMap((step) => keysOf(step.change, context))
  const taken = keys.flatMap((each) => keyError(each, draft.takenKeys, found))
  if (taken.length > 0) return taken
  for (const { name, recordId: holder } of keys) draft.takenKeys.set(name, holder)
  for (const [place, step] of steps.entries()) {
    const { change, firing, write, isTouch = false } = step
    // What is due may write no more than what it owes.
    const isChanged = change.after !== change.before
    if (isChanged || isTouch) {
      keep(draft, edits, step, place === 0 && write === 'insert' ? key : null)
    }
    if (isChanged) draft.entries.saved(change, firedIn(firing, inHand))
    owe(draft, step)
  }
  return []
}

/** Checks what the client refers to and fires the rules; a delete does neither, as at Salesforce. */
function carryEdit(
  edit: ParsedEdit,
  write: RecordWrite['kind'],
  change: RecordChange,
  at: {
    context: SaveContext
    recordOf: (id: RecordId) => OrgRecord | undefined
    inHand: readonly OrgRecord[]
  },
): CarriedOrRefused {
  const { context } = at
  if (write === 'delete') return deleteRecord(change, { ...at, current: at.recordOf })
  const current = (id: RecordId) => living(at.recordOf(id))
  const { object } = edit
  const references = newReferences(object, change.before?.fields ?? null, change.after.fields)
  // What the client did not set, as the owner or a default, the expectations look after.
  const given = references.filter(
    ({ field }) => edit.values.has(field.name) || edit.parents.has(field.name),
  )
  const { definitions } = context
  const errors = referenceErrors(object, given, { definitions, recordOf: current })
  if (errors.length > 0) return { kind: 'refused', errors }
  return carryChange({ write, change, context, current })
}

/** Records the change over what the save has of the record so far; a version grows once in a commit. */
function keep(
  draft: Draft,
  edits: readonly number[],
  { write, change, isTouch = false }: Carried,
  upsertKey: RecordKey | null,
): void {
  const known = draft.written.get(change.recordId)
  const before = known ? known.before : change.before
  draft.written.set(change.recordId, {
    write: known?.write === 'insert' ? 'insert' : write,
    before,
    after: { ...change.after, version: (before?.version ?? 0) + 1 },
    edits: [...(known?.edits ?? []), ...edits],
    upsertKey: known?.upsertKey ?? upsertKey,
    isOnlyTouched: isTouch && (known?.isOnlyTouched ?? true),
  })
}

function owe(draft: Draft, { change, firing }: Carried): void {
  const { objectName, recordId } = change
  draft.remarks.push(...firing.remarks)
  for (const ruleFullName of firing.rules) draft.fired.push({ ruleFullName, recordId })
  for (const flow of firing.flows) draft.ran.push({ flow, recordId })
  for (const { key, ruleFullName } of firing.owed) {
    draft.owed.push({ objectName, recordId, ruleFullName, outboundMessageKey: key })
  }
  for (const { key, ruleFullName } of firing.alerts) {
    const about: EmailSubject = { kind: 'alert', alertKey: key }
    draft.emails.push({ about, objectName, recordId, ruleFullName })
  }
  for (const { assigneeId, ...assigned } of firing.assignments) {
    draft.emails.push({ about: { kind: 'assignment', assigneeId }, ...assigned })
  }
}

function living(record: OrgRecord | undefined): OrgRecord | undefined {
  return record?.fields.IsDeleted === true ? undefined : record
}
