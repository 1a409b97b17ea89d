import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** Seals texts that must not lie in the store in the clear: AES-256-GCM, a fresh nonce each. */
export type Cipher = {
  seal(text: string): string
  /** The same for the same text, so that it can be compared and looked for while it is sealed. */
  sealAlike(text: string): string
  open(sealed: string): string
  isSealed(text: string): boolean
}

const PREFIX = 'enc1:'
const NONCE_BYTES = 12

/** A cipher with a key of 32 bytes. Opening what another key sealed throws. */
export function openCipher(key: Uint8Array): Cipher {
  if (key.length !== 32) throw new Error(`the secret key has ${key.length} bytes, expected 32`)
  const sealWith = (nonce: Buffer, text: string) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }
  return {
    seal: (text) => sealWith(randomBytes(NONCE_BYTES), text),
    // A nonce made of key and text comes back for the same text alone, which then is sealed the same.
    sealAlike: (text) =>
      sealWith(createHmac('sha256', key).update(text).digest().subarray(0, NONCE_BYTES), text),
    isSealed: (text) => text.startsWith(PREFIX),
    open: (sealed) => {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, 28))
      return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}
