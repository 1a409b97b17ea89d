import { createHmac } from 'node:crypto'

/** How Standard Webhooks writes a secret: this, then its bytes in base64. */
const SECRET_PREFIX = 'whsec_'

/** Between 24 and 64 bytes, as the specification wants. */
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64

/** Whether it is a signing secret as Standard Webhooks has them: `whsec_` and 24 to 64 bytes in base64. */
export function isSigningSecret(text: string): boolean {
  const bytes = bytesOf(text)
  if (bytes.length < SECRET_BYTES_MIN || bytes.length > SECRET_BYTES_MAX) return false
  return text === SECRET_PREFIX + bytes.toString('base64')
}

/**
 * The headers of Standard Webhooks 1.0: the id, the moment in seconds, and a `v1` signature by each secret. `webhookId`
 * is the same at every attempt; `atMs` is real time, since receivers refuse what is some minutes off.
 */
export function signWebhook(
  { webhookId, atMs, body }: { webhookId: string; atMs: number; body: string },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000))
  const ofMessage = { 'webhook-id': webhookId, 'webhook-timestamp': timestamp }
  if (secrets.length === 0) return ofMessage
  const signed = `${webhookId}.${timestamp}.${body}`
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', bytesOf(secret)).update(signed).digest('base64')}`,
  )
  return { ...ofMessage, 'webhook-signature': signatures.join(' ') }
}

function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
}
