import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvironment } from '../config/config.ts'
import { openStores } from '../store/open-store.ts'
import { parseEndpoints } from './dev/endpoint-option.ts'

test('a URL that is refused is told without its password', async () => {
  const withPassword = 'me:s3cret@example.com/in?key=s3cret'
  const refusals: readonly (() => unknown)[] = [
    () => parseEndpoints([`ftp://${withPassword}`]),
    () => parseEndpoints([`Account.Tell=${withPassword}`]),
    () => readEnvironment({ OBM_PUBLIC_URL: `ftp://${withPassword}` }),
    () => readEnvironment({ OBM_SMTP_URL: `smtp//${withPassword}` }),
    () => openStores(`mysql://${withPassword}`, { secretKey: new Uint8Array(32) }),
  ]
  for (const refuse of refusals) {
    await assert.rejects(
      async () => refuse(),
      (error: Error) => error.message !== '' && !error.message.includes('s3cret'),
      String(refuse),
    )
  }
})
