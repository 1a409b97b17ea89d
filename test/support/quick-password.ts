import { randomBytes, scryptSync } from 'node:crypto'

/** What is needed of work to tell the right password: hashing is slow on purpose, and few tests are about that. */
const COST = { N: 16, r: 1, p: 1 }

/** A stored password as `hashPassword` writes it, at a cost that only a test may ask for. */
export function quickHash(password: string): string {
  const salt = randomBytes(16)
  const hash = scryptSync(password.normalize('NFC'), salt, 32, COST)
  const cost = `N=${COST.N},r=${COST.r},p=${COST.p}`
  return `scrypt$${cost}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}
