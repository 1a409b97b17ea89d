import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../support/after-test.ts'
import { eventually } from '../support/eventually.ts'
import { exampleFolder } from '../support/open-test-house.ts'
import { startDev } from '../support/start-program.ts'
import { temporaryFolder } from '../support/stores.ts'

const EXAMPLE = exampleFolder('contacts-to-webhook')

/** The example's receiver on a free port. */
async function startReceiver(t: TestContext) {
  const child = spawn(process.execPath, [join(EXAMPLE, 'receiver/receive.mjs'), '0'])
  afterTest(t, () => child.kill('SIGKILL'))
  let [printed, told] = ['', '']
  child.stdout.on('data', (chunk) => (printed += chunk))
  child.stderr.on('data', (chunk) => (told += chunk))
  const url = await eventually('it listens', () => /http:\S+/.exec(told)?.[0] ?? false)
  return { url, lines: () => printed.split('\n').slice(0, -1) }
}

test('the example of a webhook: the contact with an address is told, as a signed CloudEvent', async (t) => {
  const receiver = await startReceiver(t)
  const folder = temporaryFolder(t)
  cpSync(EXAMPLE, folder, { recursive: true, filter: (path) => !path.includes('.obm') })
  const file = join(folder, 'obm.config.json')
  const config = readFileSync(file, 'utf8').replace('http://127.0.0.1:8200/contacts', receiver.url)
  writeFileSync(file, config)

  await startDev(t, [folder, '--port', '0'])

  const lines = await eventually(
    'it was told',
    () => receiver.lines().length > 0 && receiver.lines(),
  )
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /^example\.contact\.changed 003\w{15}: Yuki Sørensen <yuki@harbour\.example>$/,
  )
})
