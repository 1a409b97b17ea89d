import type { FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { OrgApi, SessionUser } from './org-api.ts'

/** Longer than any token of ours. */
const TOKEN_LENGTH_MAX = 512

/** The session token of a request's Authorization header, `Bearer` or `OAuth`; null when it has none. */
export function headerToken(request: FastifyRequest): string | null {
  const [, token] = /^(?:Bearer|OAuth)\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '') ?? []
  return token ?? null
}

/** The token of the header or, where Salesforce takes it there, of the query's `oauth_token`. */
export function headerOrQueryToken(request: FastifyRequest): string | null {
  return headerToken(request) ?? searchParams(request).get('oauth_token')
}

/** The query of the request's URL; a name twice has its first value. */
export function searchParams(request: FastifyRequest): URLSearchParams {
  const start = request.url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : request.url.slice(start + 1))
}

/** The user of the session, or the refusal that Salesforce's clients renew their session on. */
export async function signIn(
  org: Pick<OrgApi, 'sessionUser'>,
  token: string | null,
): Promise<SessionUser> {
  const user =
    token === null || token.length > TOKEN_LENGTH_MAX ? null : await org.sessionUser(token)
  if (user) return user
  throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
}

/** Refuses a user without the setup privilege: 403 INSUFFICIENT_ACCESS. */
export function requireSetup({ username, mayCustomize }: SessionUser): void {
  if (mayCustomize) return
  throw new ApiError(
    403,
    'INSUFFICIENT_ACCESS',
    `${username} may not see Setup: a profile with CustomizeApplication is needed`,
  )
}
