import type { RecordId } from '../../schema/record-id.ts'

/** One request of a user with the setup privilege. */
export type SetupCall = {
  readonly userId: RecordId
  readonly username: string
  readonly query: URLSearchParams
  /** Parts of the path, decoded. */
  readonly parts: Readonly<Record<string, string>>
  /** The JSON object of the body; empty without a body. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Answers with JSON; refusals are thrown as `ApiError`. */
export type SetupRoute = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly answer: (call: SetupCall) => Promise<unknown>
}
