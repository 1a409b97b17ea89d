import { createHash, randomBytes } from 'node:crypto'
import { type Clock, HOUR_MS, type Instant, MINUTE_MS } from '../../base/clock.ts'
import { type RecordId, shortId } from '../../schema/record-id.ts'
import type { OrgStore, Session } from '../org-store.ts'

/** How long a session lasts, used or not: simple to promise, and long enough for a working day. */
export const SESSION_MS = 12 * HOUR_MS
/** How long a verified token is trusted without asking the store: a sign-out elsewhere shows within that time. */
const TRUSTED_MS = MINUTE_MS
const TRUSTED_MAX = 10_000
const TOKEN_PATTERN = /^00D[0-9A-Za-z]{12}![\w.]{20,200}$/

/** Sessions on the machine's own clock: `/dev/clock` ends none. */
export type Sessions = {
  /** Opens a session and answers its token: `00D…!…`, opaque, never kept. */
  start(userId: RecordId): Promise<{ readonly token: string; readonly expiresAt: Instant }>
  /** Whose session it is and until when; null when it is nobody's or over. */
  verify(token: string): Promise<Session | null>
  /** Ends the session; ending one that is over does nothing. */
  end(token: string): Promise<void>
}

/** Opens the sessions of one organisation. */
export function openSessions(ports: {
  store: OrgStore
  clock: Clock
  organizationId: RecordId
}): Sessions {
  const { store, clock, organizationId } = ports
  const trusted = new Map<string, { readonly session: Session; readonly until: Instant }>()

  const trust = (session: Session) => {
    if (trusted.size >= TRUSTED_MAX) trusted.clear()
    const until = Math.min(clock.real() + TRUSTED_MS, session.expiresAt)
    trusted.set(session.tokenHash, { session, until })
  }

  return {
    async start(userId) {
      const token = `${shortId(organizationId)}!${randomToken()}`
      const createdAt = clock.real()
      const session = {
        tokenHash: hashOf(token),
        userId,
        createdAt,
        expiresAt: createdAt + SESSION_MS,
      }
      await store.writeSession(session)
      trust(session)
      return { token, expiresAt: session.expiresAt }
    },
    async verify(token) {
      if (!TOKEN_PATTERN.test(token)) return null
      const tokenHash = hashOf(token)
      const known = trusted.get(tokenHash)
      if (known && clock.real() < known.until) return known.session
      trusted.delete(tokenHash)
      const session = await store.readSession(tokenHash)
      if (session === null || session.expiresAt <= clock.real()) return null
      trust(session)
      return session
    },
    async end(token) {
      const tokenHash = hashOf(token)
      trusted.delete(tokenHash)
      await store.deleteSession(tokenHash)
    },
  }
}

/** 96 characters of `A-Za-z0-9._`, six random bits each. */
function randomToken(): string {
  return randomBytes(72).toString('base64url').replaceAll('-', '.')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
