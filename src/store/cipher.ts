import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Seals texts that must not lie in the store in the clear: AES-256-GCM, a fresh nonce each. */
export type Cipher = { seal(text: string): string; open(sealed: string): string }

const PREFIX = 'enc1:'

/** A cipher with a key of 32 bytes. Opening what another key sealed throws. */
export function openCipher(key: Uint8Array): Cipher {
  if (key.length !== 32) throw new Error(`the secret key has ${key.length} bytes, expected 32`)
  return {
    seal: (text) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}
