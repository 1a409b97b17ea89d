/** How a job is run. Further kinds get a member here and a folder beside: docs/decisions/0026-two-kinds-of-job.md. */
export type JobKind = CommandJob | HttpJob

/**
 * Of JSON: whether numbers and booleans are such, by the types of the job config's field lists. Else every value is the
 * text that was sent.
 */
type Typed = boolean

/** A program is started with the message on its standard input. */
export type CommandJob = {
  readonly kind: 'command'
  /** Program and arguments; never a shell line. */
  readonly command: readonly string[]
  /** Folder it runs in; null is the project's. */
  readonly workingFolder: string | null
  readonly timeoutMs: number
  /** What is on its standard input: the message's body as it is, or the whole message as JSON. */
  readonly input: 'xml' | 'json'
  readonly typed: Typed
  /** What it and all it started may hold in memory together, in MB. */
  readonly memoryMbMax: number
  /** What they may write in all, in MB; of that the run keeps the beginning and the end. */
  readonly outputMbMax: number
}

/** The message is posted to a URL. */
export type HttpJob = {
  readonly kind: 'http'
  readonly url: string
  readonly format: HttpFormat
  readonly typed: Typed
  /** Sent besides ours, by lower-case name. They may hold secrets: sealed in the store, and never shown. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * `whsec_…`, as Standard Webhooks has them. Each signs, so that the receiver may change from one to the other;
   * none: not signed. Sealed in the store, and never shown.
   */
  readonly signingSecrets: readonly string[]
  readonly timeoutMs: number
  /** The CloudEvents attribute `type`. */
  readonly eventType: string
}

/** How a message is put into a request; `HTTP_FORMATS` lists them. */
export type HttpFormat =
  /** The message as a JSON object. */
  | 'json'
  /** The message's body as it is. */
  | 'xml'
  /** A CloudEvent 1.0 in one JSON object; its data is the message as JSON. */
  | 'cloudevents-structured'
  /** A CloudEvent 1.0 whose attributes are headers; the body is the message as JSON. */
  | 'cloudevents-binary'

export const HTTP_FORMATS: readonly HttpFormat[] = [
  'json',
  'xml',
  'cloudevents-structured',
  'cloudevents-binary',
]

/** Of one attempt, from the look-up of the host to the answer's end. */
export const HTTP_TIMEOUT_MS = 30_000
export const HTTP_TIMEOUT_MAX_MS = 600_000

/** What a command may use where its config does not say. */
export const COMMAND_MEMORY_MB = 1024
export const COMMAND_OUTPUT_MB = 100

/** The CloudEvents attribute `type` where a config does not say. */
export const EVENT_TYPE = 'obm.notification'
