import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/support/stores.ts'
import { makeFolder } from './make-folder.ts'

test('a folder is made with all above it, and one that is there is left alone', (t) => {
  const path = join(temporaryFolder(t), 'a/b/c')
  makeFolder(path)
  makeFolder(path)
  assert.ok(existsSync(path))
})

test('where no folder can be made it says so, and does not try for ever', (t) => {
  if (!existsSync('/proc/self')) return t.skip('there is no /proc here')
  assert.throws(() => makeFolder('/proc/nowhere/data'), { code: 'ENOENT' })
})
