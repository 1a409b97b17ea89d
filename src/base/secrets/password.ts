import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

const HASH_BYTES = 32
const SALT_BYTES = 16

/** Of the four threads that Node keeps for such work. */
const DERIVING_MAX = 2

/** OWASP's least for scrypt with 16 MB: N = 2^14, r = 8, p = 5 (Password Storage Cheat Sheet). */
const COST = { N: 16_384, r: 8, p: 5 }

/**
 * What a stored text may ask for at most, so that a forged one cannot take the machine's memory.
 */
const COST_MAX = { N: 131_072, r: 16, p: 16 }

/** Passwords longer than this are never right: nobody sets one, and hashing it would cost. */
export const PASSWORD_LENGTH_MAX = 1_000

/** A password as it may be stored: scrypt with its parameters and a salt of its own in the text. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, COST)
  const cost = `N=${COST.N},r=${COST.r},p=${COST.p}`
  return `scrypt$${cost}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/**
 * Whether it is the password that was hashed, compared in constant time. A text it cannot read is
 * never right.
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const read = /^scrypt\$N=(\d{1,7}),r=(\d{1,3}),p=(\d{1,3})\$([\w-]{1,100})\$([\w-]{43})$/.exec(
    stored,
  )
  if (!read || password.length > PASSWORD_LENGTH_MAX) return false
  const [, N, r, p, salt = '', hash = ''] = read
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  if (cost.N > COST_MAX.N || cost.r > COST_MAX.r || cost.p > COST_MAX.p) return false

  const given = await derive(password, Buffer.from(salt, 'base64url'), cost)
  return timingSafeEqual(given, Buffer.from(hash, 'base64url'))
}

/**
 * Takes as long as `verifyPassword` and is never right: for users who are not there, so that time
 * tells nobody.
 */
export async function verifyNoPassword(password: string): Promise<false> {
  await derive(password.slice(0, PASSWORD_LENGTH_MAX), Buffer.alloc(SALT_BYTES), COST)
  return false
}

let derivingCount = 0
const waiting: (() => void)[] = []

/** Two at a time: a flood of logins leaves threads for DNS and files, and memory for the rest. */
async function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  while (derivingCount >= DERIVING_MAX) await new Promise<void>((resolve) => waiting.push(resolve))
  derivingCount += 1
  try {
    return await deriveNow(password, salt, cost)
  } finally {
    derivingCount -= 1
    waiting.shift()?.()
  }
}

function deriveNow(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    )
  })
}
