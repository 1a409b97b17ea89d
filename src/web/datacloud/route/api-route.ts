import type { JobConfig } from '../../../jobs/job-config.ts'
import type { JobRun } from '../../../jobs/job-run.ts'
import type { DataCloudUser, Right } from '../../../jobs/users/datacloud-user.ts'

/** One request, read as far as every route needs it. */
export type ApiAsk = {
  /** Parts of the path by name, decoded. */
  readonly parts: ReadonlyMap<string, string>
  /** By name in small letters: those that the route knows, and no others. */
  readonly query: ReadonlyMap<string, string>
  /** What JSON said, or the text of a message; undefined without a body. */
  readonly body: unknown
  /** Of `If-Match`; null: it does not matter which version it is. */
  readonly ifMatch: string | null
  /** Aborts when whoever asked has gone away, or the server closes. */
  readonly gone: AbortSignal
}

export type SignedInAsk = ApiAsk & { readonly user: DataCloudUser }

export type ConfigAsk = SignedInAsk & { readonly config: JobConfig }

export type RunAsk = SignedInAsk & { readonly run: JobRun }

/** JSON, unless a content type says that it is a text. */
export type ApiAnswer = {
  readonly status: number
  readonly body?: unknown
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What whoever asks must be or may do. `of` says which job configs the right is asked for: the one of the
 * path, that of the path's job, those that the body lists, or all there are.
 */
export type Needs =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'a token' }
  | { readonly kind: 'Admin' }
  | { readonly kind: 'Admin or oneself' }
  | {
      readonly kind: 'rights'
      readonly rights: readonly Right[]
      readonly of: 'the job config' | 'the job' | 'each listed' | 'all job configs'
    }
  /** Everybody with a token; the answer holds only what the user may view. */
  | { readonly kind: 'view of what is answered' }

/** A way in that is guarded: only `guards.ts` makes these, so what a route says it needs is what is asked for. */
export type Guarded = {
  readonly needs: Needs
  readonly answer: (ask: ApiAsk & { readonly user: DataCloudUser | null }) => Promise<ApiAnswer>
}

/** One route of the API: what it takes and answers is also what `openapi.json` says of it. */
export type ApiRoute = Guarded & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/v2/api`, with `{name}` for a part. */
  readonly path: string
  readonly summary: string
  /** Each query parameter with what it does. */
  readonly query?: Readonly<Record<string, string>>
  /** A name among the schemas of `openapi.json`, or `message`: a text of any type. Absent: no body. */
  readonly takes?: string
  /** A name among the schemas; `text`; absent: nothing. */
  readonly gives?: string
  /** Statuses that are no refusals, each with what it means. */
  readonly answers: Readonly<Record<number, string>>
}
