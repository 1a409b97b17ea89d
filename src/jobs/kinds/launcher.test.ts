import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { afterTest } from '../../../test/support/after-test.ts'
import { commandOf, gone, node, runOf, written } from '../../../test/support/commands.ts'
import { temporaryFolder } from '../../../test/support/stores.ts'
import { openLauncher } from './launcher.ts'

const here = (signal = new AbortController().signal) => ({ folder: tmpdir(), signal })

test('programs run beside ours, several at once, each with its own message and ending', async () => {
  const launcher = openLauncher()
  const echo = commandOf(node('process.stdin.pipe(process.stdout)'))
  const fail = commandOf(node('process.exit(3)'))

  const [echoed, failed] = await Promise.all([
    launcher.run(echo, runOf('<a>Zürich</a>'), here()),
    launcher.run(fail, runOf(''), here()),
  ])

  assert.deepEqual(echoed, { kind: 'succeeded', returnCode: 0, log: '<a>Zürich</a>' })
  assert.partialDeepStrictEqual(failed, { kind: 'failed', returnCode: 3 })
})

test('a run that is interrupted is ended beside ours too', async (t) => {
  const file = join(temporaryFolder(t), 'pid')
  const stopping = new AbortController()
  const config = commandOf(writePid(file))

  const running = openLauncher().run(config, runOf(''), here(stopping.signal))
  const pid = Number(await written(file))
  stopping.abort()

  assert.equal((await running).kind, 'interrupted')
  assert.ok(await gone(pid))
})

test('when the process that starts programs is killed its runs fail, and the next run starts another', async (t) => {
  const file = join(temporaryFolder(t), 'parent')
  const launcher = openLauncher()
  const tellParent = node(
    `require('fs').writeFileSync(${JSON.stringify(file)}, process.ppid + '\\n'); setTimeout(() => {}, 60_000)`,
  )

  const running = launcher.run(commandOf(tellParent), runOf(''), here())
  process.kill(Number(await written(file)), 'SIGKILL')

  const outcome = await running
  assert.equal(outcome.kind, 'errored')
  assert.match(JSON.stringify(outcome), /the process that starts programs ended by SIGKILL/)
  const next = await launcher.run(commandOf(node('')), runOf(''), here())
  assert.equal(next.kind, 'succeeded')
})

test('with nothing to run the process ends, and the next run starts another', async (t) => {
  const file = join(temporaryFolder(t), 'parent')
  const launcher = openLauncher({ idleMs: 1 })
  const tellParent = node(
    `require('fs').writeFileSync(${JSON.stringify(file)}, process.ppid + '\\n')`,
  )

  await launcher.run(commandOf(tellParent), runOf(''), here())
  assert.ok(await gone(Number(await written(file))))

  assert.equal((await launcher.run(commandOf(node('')), runOf(''), here())).kind, 'succeeded')
})

test('when our process is killed, what it started is ended', async (t) => {
  const file = join(temporaryFolder(t), 'pid')
  const script = `
    import { openLauncher } from ${JSON.stringify(import.meta.resolve('./launcher.ts'))}
    import { commandOf, runOf } from ${JSON.stringify(import.meta.resolve('../../../test/support/commands.ts'))}
    const config = commandOf(${JSON.stringify(writePid(file))})
    await openLauncher().run(config, runOf(''), { folder: '/', signal: new AbortController().signal })`
  const ours = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  afterTest(t, () => ours.kill('SIGKILL'))
  const pid = Number(await written(file))

  ours.kill('SIGKILL')

  assert.ok(await gone(pid))
})

function writePid(file: string): readonly string[] {
  return node(
    `require('fs').writeFileSync(${JSON.stringify(file)}, process.pid + '\\n'); setTimeout(() => {}, 60_000)`,
  )
}
