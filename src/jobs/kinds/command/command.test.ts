import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { gone, node, programOf, written } from '../../../../test/support/commands.ts'
import { temporaryFolder } from '../../../../test/support/stores.ts'
import { RUN_LOG_BYTES_MAX } from './bounded-log.ts'
import { runCommand } from './command.ts'
import { openMemoryWatch } from './memory-watch.ts'

const never = new AbortController().signal

test('a program gets the message on its input, its facts in the environment, and nothing of ours', async () => {
  process.env.OBM_SECRET_FOR_TEST = 'do not tell'
  const script = `process.stdin.pipe(process.stdout)
    process.stderr.write(JSON.stringify(process.env) + String.fromCharCode(10))`
  const body = '<notifications>Zürich</notifications>'
  const outcome = await runCommand(programOf(node(script), { body }), never)
  delete process.env.OBM_SECRET_FOR_TEST

  assert.equal(outcome.kind, 'succeeded')
  assert.match(outcome.log, /<notifications>Zürich<\/notifications>/)
  assert.match(outcome.log, /"OBM_RUN_ID":"r1"/)
  assert.match(outcome.log, /"OBM_ATTEMPT":"1"/)
  assert.match(outcome.log, /"OBM_JOB_CONFIG_ID":"copy-accounts"/)
  assert.match(outcome.log, /"OBM_MESSAGE_NAME":"msg1"/)
  assert.match(outcome.log, /"OBM_PROPERTY_ORGANIZATION_ID":"00D"/)
  assert.doesNotMatch(outcome.log, /do not tell/)
})

test('arguments are never read by a shell', async () => {
  const command = [process.execPath, '-e', 'console.log(process.argv[1])', '$(id); `id` "x']
  const outcome = await runCommand(programOf(command), never)
  assert.equal(outcome.log.trim(), '$(id); `id` "x')
})

test('a return code that is not 0 is a failure with that code', async () => {
  const outcome = await runCommand(programOf(node('process.exit(7)')), never)
  assert.deepEqual(outcome, {
    kind: 'failed',
    returnCode: 7,
    reason: 'ended with return code 7',
    log: '',
  })
})

test('a program that is not there, or an argument that cannot be, is an error and no crash', async () => {
  for (const command of [['/no/such/program'], [process.execPath, 'a\0b']]) {
    const outcome = await runCommand(programOf(command), never)
    assert.equal(outcome.kind, 'errored')
  }
})

test('a program that does not read its input may end well', async () => {
  const large = programOf(node('process.exit(0)'), { body: 'x'.repeat(5_000_000) })
  const outcome = await runCommand(large, never)
  assert.equal(outcome.kind, 'succeeded')
})

test('a program that is ended takes along all that it started, even what will not listen', async (t) => {
  const file = join(temporaryFolder(t), 'pids')
  const child = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)
    require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n')`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })
    setInterval(() => {}, 1000)`
  const ending = new AbortController()
  const running = runCommand(programOf(node(parent)), ending.signal)
  const grandchild = Number(await written(file))

  ending.abort()

  assert.equal((await running).kind, 'interrupted')
  assert.equal(await gone(grandchild), true)
})

test('a program that holds too much memory is ended, and all it started counts', async (t) => {
  const file = join(temporaryFolder(t), 'pids')
  const child = `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n')
    const held = Buffer.alloc(150e6, 1); setInterval(() => held.length, 1000)`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); setInterval(() => {}, 1000)`
  const program = programOf(node(parent), { limits: { memoryMbMax: 140 } })

  const outcome = await runCommand(program, never, openMemoryWatch(20))

  assert.partialDeepStrictEqual(outcome, {
    kind: 'failed',
    returnCode: null,
    reason: 'held more memory than its limit of 140 MB',
  })
  assert.equal(await gone(Number(await written(file))), true)
})

test('a program that writes without end is ended at its limit, and its log keeps both ends', async () => {
  const script = `process.stdout.write('first'); setInterval(() => process.stdout.write('x'.repeat(500_000)), 1)`
  const program = programOf(node(script), { limits: { outputMbMax: 3 } })

  const outcome = await runCommand(program, never)

  assert.partialDeepStrictEqual(outcome, {
    kind: 'failed',
    returnCode: null,
    reason: 'wrote more than its limit of 3 MB',
  })
  assert.match(outcome.log, /^firstx+\n\[… \d+ bytes left out …\]\nx+$/)
})

test('a program that runs too long has failed, without a return code', async () => {
  const program = programOf(node('setInterval(() => {}, 1000)'), { limits: { timeoutMs: 150 } })
  const outcome = await runCommand(program, never)
  assert.equal(outcome.kind, 'failed')
  assert.match('reason' in outcome ? outcome.reason : '', /time limit of 150 ms/)
})

test('what a program leaves running does not keep its run open', async (t) => {
  const file = join(temporaryFolder(t), 'pids')
  const child = `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); setInterval(() => {}, 1000)`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })
    const fs = require('fs'); setInterval(() => fs.existsSync(${JSON.stringify(file)}) && process.exit(0), 10)`

  const outcome = await runCommand(programOf(node(parent)), never)

  assert.equal(outcome.kind, 'succeeded')
  assert.equal(await gone(Number(await written(file))), true)
})

test('of much output the beginning and the end are kept, with a note between', async () => {
  const script = `console.log('first'); for (let i = 0; i < 40; i++) console.log('x'.repeat(50000))
    console.log('la\\0st')`
  const { log } = await runCommand(programOf(node(script)), never)

  assert.match(log, /^first\n/)
  assert.match(log, /\[… \d+ bytes left out …\]/)
  assert.match(log, /la\uFFFDst\n$/)
  assert.ok(log.length < RUN_LOG_BYTES_MAX + 100)
})
