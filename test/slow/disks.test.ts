import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { afterTest } from '../support/after-test.ts'
import { eventually } from '../support/eventually.ts'
import { outboundMessage } from '../support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt } from '../support/receiving.ts'
import { temporaryFolder } from '../support/stores.ts'

const PROGRAM = fileURLToPath(new URL('../support/listener-process.ts', import.meta.url))
const SOURCE = fileURLToPath(new URL('../support/disk.c', import.meta.url))

/** The library that makes a disk slow, held back or full; null where it cannot be built. */
function builtDisk(t: TestContext): string | null {
  if (process.platform !== 'linux') return null
  const folder = temporaryFolder(t)
  const library = join(folder, 'disk.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE, '-ldl'], { stdio: 'ignore' })
  } catch {
    return null
  }
  chmodSync(library, 0o755)
  return library
}

async function onDisk(t: TestContext, env: NodeJS.ProcessEnv = {}) {
  const library = builtDisk(t)
  if (library === null) {
    t.skip('no C compiler (cc) on Linux here: the disk cannot be slowed down')
    return null
  }
  const folder = temporaryFolder(t)
  const [held, full] = [join(folder, 'held'), join(folder, 'full')]
  const storeUrl = `sqlite:${join(folder, 'obm.db')}`
  const { jobs } = await openReceivingStoreAt(t, storeUrl)
  await jobs.writeConfig(jobConfig())
  const child = spawn(process.execPath, [PROGRAM, storeUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LD_PRELOAD: library,
      OBM_DISK_HELD: held,
      OBM_DISK_FULL: full,
      ...env,
    },
  })
  afterTest(t, () => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const url = `${String(line).trim()}/v2/api/jobconfigs/accounts/sfdc/obm`
  const post = async (serial: number) => {
    const headers = { 'content-type': 'text/xml' }
    const body = outboundMessage({ notifications: [serial] })
    const reply = await fetch(url, { method: 'POST', headers, body })
    return { status: reply.status, text: await reply.text() }
  }
  const runCount = () => jobs.countRuns({})
  return { url, held, full, post, runCount, isAlive: () => child.exitCode === null }
}

test('no Ack leaves before the disk has said that it is written, and others are answered meanwhile', async (t) => {
  const disk = await onDisk(t)
  if (!disk) return
  assert.equal((await disk.post(1)).status, 200)

  writeFileSync(disk.held, '')
  let isAnswered = false
  const held = disk.post(2).then((reply) => {
    isAnswered = true
    return reply
  })
  await eventually('the store waits for its disk', () => existsSync(`${disk.held}.waits`))
  for (let count = 0; count < 5; count += 1) assert.equal((await fetch(disk.url)).status, 405)
  assert.equal(isAnswered, false)

  rmSync(disk.held)
  const { status, text } = await held
  assert.equal(status, 200)
  assert.match(text, /<Ack>true<\/Ack>/)
  assert.equal(await disk.runCount(), 2)
})

test('a disk that takes 10 ms for each fsync loses nothing and stops nobody', async (t) => {
  const disk = await onDisk(t, { OBM_DISK_SYNC_MS: '10' })
  if (!disk) return

  const replies = await Promise.all(Array.from({ length: 200 }, (_, index) => disk.post(index + 1)))

  assert.ok(replies.every(({ status, text }) => status === 200 && /<Ack>true/.test(text)))
  assert.equal(await disk.runCount(), 200)
})

test('a full disk is refused without an Ack, and when there is room again the same message is taken in once', async (t) => {
  const disk = await onDisk(t)
  if (!disk) return
  assert.equal((await disk.post(1)).status, 200)

  writeFileSync(disk.full, '')
  for (let count = 0; count < 3; count += 1) {
    const { status, text } = await disk.post(2)
    assert.equal(status, 503)
    assert.match(text, /STORE_UNAVAILABLE/)
    assert.doesNotMatch(text, /<Ack>/)
  }
  assert.ok(disk.isAlive())

  rmSync(disk.full)
  assert.equal((await disk.post(2)).status, 200)
  assert.equal((await disk.post(2)).status, 200)
  assert.equal(await disk.runCount(), 2)
})
