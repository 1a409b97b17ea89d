import type { SmtpServer } from './smtp-url.ts'
import type { LetterOutcome, OutgoingLetter, Transport } from './transport.ts'

/** Connections to the mail server at once; one connection carries many letters. */
export const SMTP_CONNECTIONS_MAX = 4
const LETTERS_PER_CONNECTION = 100
const CONNECT_MS = 10_000
/** Silence of the server in the middle of a letter. */
const SILENCE_MS = 30_000
const ANSWER_LENGTH_MAX = 500

/** What tests make shorter. */
export type SmtpTimes = { readonly connectMs?: number; readonly silenceMs?: number }

/**
 * Opens the way to the operator's mail server. Its host was named by the operator and is not vetted as
 * addresses of others are; nothing is fetched and no file is read for a letter.
 */
export async function openSmtp(server: SmtpServer, times: SmtpTimes = {}): Promise<Transport> {
  const { createTransport } = await import('nodemailer')
  const { connectMs = CONNECT_MS, silenceMs = SILENCE_MS } = times
  const pool = createTransport({
    pool: true,
    maxConnections: SMTP_CONNECTIONS_MAX,
    maxMessages: LETTERS_PER_CONNECTION,
    host: server.host,
    port: server.port,
    secure: server.isSecure,
    requireTLS: server.requiresTls,
    tls: { rejectUnauthorized: server.verifiesCertificate },
    ...(server.login && { auth: { user: server.login.username, pass: server.login.password } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    isTrap: false,
    send: async (letter) => {
      try {
        const { response } = await pool.sendMail(messageOf(letter, server))
        return { kind: 'taken', answer: cut(response) }
      } catch (error) {
        return failureOf(error)
      }
    },
    close: () => pool.close(),
  }
}

function messageOf(letter: OutgoingLetter, { envelopeFrom }: SmtpServer) {
  const { from, to, subject, text, html, messageId, sentAt } = letter
  return {
    from,
    to,
    ...(envelopeFrom !== null && { sender: envelopeFrom }),
    envelope: { from: envelopeFrom ?? from.address, to: [to.address] },
    subject,
    text,
    ...(html !== null && { html }),
    messageId,
    date: new Date(sentAt),
    // RFC 3834: no holiday note may answer it.
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** What the mail server said, or why it said nothing. Of the two only what it said of a letter is for good. */
function failureOf(error: unknown): LetterOutcome {
  const { code, responseCode, response, message } = error as {
    readonly code?: string
    readonly responseCode?: number
    readonly response?: string
    readonly message?: string
  }
  const answer = cut(response || message || String(error))
  const isOfServer =
    responseCode === undefined || responseCode === 421 || SERVER_ERRORS.has(code ?? '')
  if (isOfServer) return { kind: 'deferred', answer, isServer: true }
  return responseCode >= 500
    ? { kind: 'refused', answer }
    : { kind: 'deferred', answer, isServer: false }
}

/** Answers that concern every letter: they are the operator's to mend, and mending them must lose nothing. */
const SERVER_ERRORS: ReadonlySet<string> = new Set([
  'EAUTH',
  'ENOAUTH',
  'EOAUTH2',
  'ETLS',
  'EREQUIRETLS',
  'EPROTOCOL',
  'ECONNECTION',
  'ETIMEDOUT',
  'EDNS',
  'ESOCKET',
])

function cut(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, ANSWER_LENGTH_MAX)
}
