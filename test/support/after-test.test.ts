import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterTest } from './after-test.ts'

test('what was opened last is closed first, each before the next', async (t) => {
  const closed: string[] = []

  await t.test('opens three things', (inner) => {
    for (const name of ['folder', 'store', 'house']) {
      afterTest(inner, async () => {
        await Promise.resolve()
        closed.push(name)
      })
    }
  })

  assert.deepEqual(closed, ['house', 'store', 'folder'])
})
