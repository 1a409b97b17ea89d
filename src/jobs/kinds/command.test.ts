import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandOf, gone, node, runOf, written } from '../../../test/support/commands.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { RUN_LOG_BYTES_MAX } from './bounded-log.ts'
import { runCommand } from './command.ts'

const run = runOf('<notifications>Zürich</notifications>')

const here = (signal = new AbortController().signal) => ({ folder: tmpdir(), signal })

test('a program gets the message on its input, its facts in the environment, and nothing of ours', async () => {
  process.env.OBM_SECRET_FOR_TEST = 'do not tell'
  const script = `process.stdin.pipe(process.stdout)
    process.stderr.write(JSON.stringify(process.env) + String.fromCharCode(10))`
  const outcome = await runCommand(commandOf(node(script)), run, here())
  delete process.env.OBM_SECRET_FOR_TEST

  assert.equal(outcome.kind, 'succeeded')
  assert.match(outcome.log, /<notifications>Zürich<\/notifications>/)
  assert.match(outcome.log, /"OBM_RUN_ID":"r1"/)
  assert.match(outcome.log, /"OBM_JOB_CONFIG_ID":"copy-accounts"/)
  assert.match(outcome.log, /"OBM_MESSAGE_NAME":"msg1"/)
  assert.match(outcome.log, /"OBM_PROPERTY_ORGANIZATION_ID":"00D"/)
  assert.doesNotMatch(outcome.log, /do not tell/)
})

test('arguments are never read by a shell', async () => {
  const command = [process.execPath, '-e', 'console.log(process.argv[1])', '$(id); `id` "x']
  const outcome = await runCommand(commandOf(command), run, here())
  assert.equal(outcome.log.trim(), '$(id); `id` "x')
})

test('a return code that is not 0 is a failure with that code', async () => {
  const outcome = await runCommand(commandOf(node('process.exit(7)')), run, here())
  assert.deepEqual(outcome, {
    kind: 'failed',
    returnCode: 7,
    reason: 'ended with return code 7',
    log: '',
  })
})

test('a program that is not there, or an argument that cannot be, is an error and no crash', async () => {
  for (const command of [['/no/such/program'], [process.execPath, 'a\0b']]) {
    const outcome = await runCommand(commandOf(command), run, here())
    assert.equal(outcome.kind, 'errored')
  }
})

test('a program that does not read its input may end well', async () => {
  const large = { ...run, message: { name: 'm', body: 'x'.repeat(5_000_000), properties: {} } }
  const outcome = await runCommand(commandOf(node('process.exit(0)')), large, here())
  assert.equal(outcome.kind, 'succeeded')
})

test('a program that is ended takes along all that it started, even what will not listen', async (t) => {
  const file = join(temporaryFolder(t), 'pids')
  const child = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)
    require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n')`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })
    setInterval(() => {}, 1000)`
  const ending = new AbortController()
  const running = runCommand(commandOf(node(parent)), run, here(ending.signal))
  const grandchild = Number(await written(file))

  ending.abort()

  assert.equal((await running).kind, 'interrupted')
  assert.equal(await gone(grandchild), true)
})

test('a program that runs too long has failed, without a return code', async () => {
  const outcome = await runCommand(commandOf(node('setInterval(() => {}, 1000)'), 150), run, here())
  assert.equal(outcome.kind, 'failed')
  assert.match('reason' in outcome ? outcome.reason : '', /time limit of 150 ms/)
})

test('what a program leaves running does not keep its run open', async (t) => {
  const file = join(temporaryFolder(t), 'pids')
  const child = `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); setInterval(() => {}, 1000)`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })
    const fs = require('fs'); setInterval(() => fs.existsSync(${JSON.stringify(file)}) && process.exit(0), 10)`

  const outcome = await runCommand(commandOf(node(parent)), run, here())

  assert.equal(outcome.kind, 'succeeded')
  assert.equal(await gone(Number(await written(file))), true)
})

test('of much output the beginning and the end are kept, with a note between', async () => {
  const script = `console.log('first'); for (let i = 0; i < 40; i++) console.log('x'.repeat(50000))
    console.log('la\\0st')`
  const { log } = await runCommand(commandOf(node(script)), run, here())

  assert.match(log, /^first\n/)
  assert.match(log, /\[… \d+ bytes left out …\]/)
  assert.match(log, /la\uFFFDst\n$/)
  assert.ok(log.length < RUN_LOG_BYTES_MAX + 100)
})
