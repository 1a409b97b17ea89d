import { ConfigError } from '../../config/config.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import { type ClientOptions, openSetupClient } from './setup-client.ts'

/** What of the answer of `/setup/api/story` is shown as text. */
export type ToldStory = {
  readonly recordId: string
  readonly objectName: string | null
  readonly name: string | null
  readonly recordState: string
  readonly isComplete: boolean
  readonly events: readonly {
    readonly at: string
    readonly kind?: string
    readonly text: string
    readonly verdicts?: readonly { readonly name: string; readonly reason: string }[]
  }[]
  readonly waitingEmails?: readonly {
    readonly emailId: string
    readonly dueAt: string
    readonly reason: string | null
  }[]
  readonly notifications: readonly {
    readonly notificationId: string
    readonly state: string
    readonly whyNotYet: string | null
  }[]
  readonly timeEntries?: readonly { readonly name: string; readonly whyNotYet: string | null }[]
}

const TIME_WIDTH = '2026-03-02 12:00:00.000'.length

/** `obm story RECORD`: one record's way through both wings, a line a step. */
export async function story(record: string, options: ClientOptions): Promise<number> {
  const recordId = tryRecordId(record)
  if (recordId === null) {
    throw new ConfigError(
      `story: expected a record's id of 15 or 18 letters and digits, found ${JSON.stringify(record)}`,
    )
  }
  const answer = await openSetupClient(options).get(`/story/${recordId}`)
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(storyLines(answer as unknown as ToldStory).join('\n'))
  return 0
}

/** A story as lines for people: a head, then a line a step; nothing in them steers the terminal. */
export function storyLines(told: ToldStory): readonly string[] {
  const name = told.name === null ? '' : ` ${JSON.stringify(told.name)}`
  const state = told.recordState === 'exists' ? '' : ` (${told.recordState})`
  const notes = told.notifications.flatMap((each) => {
    if (each.whyNotYet !== null)
      return [step('not yet', `${each.notificationId}: ${each.whyNotYet}`)]
    if (each.state !== 'removed') return []
    return [step('removed', `${each.notificationId} is owed no more, and nobody acknowledged it`)]
  })
  const lines = [
    `${told.objectName ?? 'Record'} ${told.recordId}${name}${state}; times are UTC`,
    ...told.events.flatMap(({ at, text, verdicts = [] }) => [
      step(at.replace('T', ' ').replace('Z', ''), text),
      ...verdicts.map(({ name, reason }) => step('', `  ${JSON.stringify(name)} ${reason}`)),
    ]),
    ...notes,
    ...(told.timeEntries ?? []).flatMap(({ name, whyNotYet }) =>
      whyNotYet === null ? [] : [step('not yet', `${name}: ${whyNotYet}`)],
    ),
    ...(told.waitingEmails ?? []).map(({ emailId, dueAt, reason }) =>
      step('not yet', `${emailId}: ${reason ?? 'its first attempt'}; due ${dueAt}`),
    ),
    ...(told.notifications.length === 0 && !told.events.some(({ kind }) => kind === 'emailQueued')
      ? ['Nothing is owed for it, and nothing of it was sent in the last seven days.']
      : []),
    ...(told.isComplete ? [] : ['There is more than a story holds: some steps are missing.']),
  ]
  return lines.map(printable)
}

function step(when: string, text: string): string {
  return `${when.padEnd(TIME_WIDTH)}  ${text}`
}

/** An endpoint's answer stands in the text: it must not steer the terminal, or make lines of its own. */
function printable(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ')
}
