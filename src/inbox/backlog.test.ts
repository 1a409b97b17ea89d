import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestClock, openTestLog } from '../../test/support/receiving.ts'
import { openBacklog } from './backlog.ts'

function setup(count: () => Promise<number>) {
  const [clock, log] = [openTestClock(), openTestLog()]
  let asked = 0
  const countQueued = (_jobConfigId: string, max: number) => {
    asked += 1
    return count().then((found) => Math.min(found, max))
  }
  return { clock, log, asked: () => asked, backlog: openBacklog({ countQueued, clock, log }, 100) }
}

test('many messages at once have what waits counted once, and again after ten seconds', async () => {
  const { clock, asked, backlog } = setup(async () => 3)
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => backlog.isFull('accounts')))
  assert.deepEqual([...new Set(verdicts)], [false])
  assert.equal(asked(), 1)
  clock.advance(9_999)
  await backlog.isFull('accounts')
  assert.equal(asked(), 1)
  clock.advance(1)
  await Promise.all([backlog.isFull('accounts'), backlog.isFull('accounts')])
  assert.equal(asked(), 2)
  await backlog.isFull('cases')
  assert.equal(asked(), 3)
})

test('a queue that was full is looked at anew before another message is refused', async () => {
  let waiting = 100
  const { clock, backlog } = setup(async () => waiting)
  assert.equal(await backlog.isFull('accounts'), true)
  waiting = 99
  assert.equal(await backlog.isFull('accounts'), true) // for ten seconds
  clock.advance(10_000)
  assert.equal(await backlog.isFull('accounts'), false)
})

test('a count that takes long holds up no message, and one that fails lets messages in and is told', async () => {
  let answer: (count: number) => void = () => {}
  let counts: () => Promise<number> = async () => 3
  const { clock, log, backlog } = setup(() => counts())
  await backlog.isFull('accounts')
  counts = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  clock.advance(10_000)
  assert.equal(await backlog.isFull('accounts'), false)
  answer(100)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await backlog.isFull('accounts'), true)

  counts = () => Promise.reject(new Error('the store is closed'))
  clock.advance(10_000)
  assert.equal(await backlog.isFull('accounts'), false)
  assert.equal(log.lines.at(-1)?.event, 'inbox.backlog_not_counted')
})
