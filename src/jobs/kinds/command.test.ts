import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { JobConfig } from '../job-config.ts'
import type { JobRun } from '../job-run.ts'
import { RUN_LOG_BYTES_MAX } from './bounded-log.ts'
import { runCommand } from './command.ts'

function commandOf(command: readonly string[], timeoutMs = 20_000): JobConfig {
  return {
    jobConfigId: 'copy-accounts',
    name: 'Copy accounts',
    description: null,
    isActive: true,
    job: { kind: 'command', command, workingFolder: null, timeoutMs },
    authentication: { pathSecretHashes: [], classicSession: null, organizationIds: [] },
    messageName: 'msg1',
    attemptsMax: 1,
    source: 'api',
  }
}

const run: JobRun = {
  runId: 'r1',
  jobConfigId: 'copy-accounts',
  message: {
    name: 'msg1',
    body: '<notifications>Zürich</notifications>',
    properties: { OrganizationId: '00D', ObjectType: 'Account' },
  },
  submittedBy: 'obm',
  replayOf: null,
  queuedAt: 0,
  status: 'RUNNING',
  dueAt: 0,
  attemptCount: 1,
  startedAt: 0,
  finishedAt: null,
  returnCode: null,
  log: '',
  failureReason: null,
  stoppedBy: null,
}

const node = (script: string) => [process.execPath, '-e', script]

const here = (signal = new AbortController().signal) => ({ folder: tmpdir(), signal })

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'obm-command-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Waits for a file that a program writes. */
async function written(path: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    try {
      const text = readFileSync(path, 'utf8')
      if (text.endsWith('\n')) return text.trim()
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`${path} was never written`)
}

async function gone(pid: number): Promise<boolean> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    try {
      process.kill(pid, 0)
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return true
    } catch {
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

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
  const file = join(await folderOf(t), 'pids')
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
  const file = join(await folderOf(t), 'pids')
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
