import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { afterTest } from '../../test/support/after-test.ts'
import { temporaryProject } from '../../test/support/temporary-project.ts'
import { watchProject } from './watch-project.ts'

test('a changed metadata file is told, and so is the next one when telling failed', async (t) => {
  const folder = await temporaryProject(t, { 'workflows/Account.workflow': '<Workflow/>' })
  let told = Promise.withResolvers<void>()
  const errors: unknown[] = []
  const watching = watchProject(
    folder,
    () => {
      told.resolve()
      throw new Error('the project is broken just now')
    },
    { debounceMs: 20, onError: (error) => errors.push(error) },
  )
  afterTest(t, () => watching.close())
  await writeFile(join(folder, 'workflows/Account.workflow'), '<Workflow> </Workflow>')
  await told.promise
  assert.ok(errors.length > 0)

  told = Promise.withResolvers()
  await writeFile(join(folder, 'obm.config.json'), '{}')
  await told.promise

  told = Promise.withResolvers()
  await mkdir(join(folder, 'objects'))
  await told.promise
})
