import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { afterTest } from '../../../../test/support/after-test.ts'
import { gone, node, programOf, written } from '../../../../test/support/commands.ts'
import { temporaryFolder } from '../../../../test/support/stores.ts'
import { openLauncher } from './launcher.ts'

const never = new AbortController().signal

test('programs run beside ours, several at once, each with its own message and ending', async () => {
  const launcher = openLauncher()
  const echo = programOf(node('process.stdin.pipe(process.stdout)'), { body: '<a>Zürich</a>' })
  const fail = programOf(node('process.exit(3)'))

  const [echoed, failed] = await Promise.all([launcher.run(echo, never), launcher.run(fail, never)])

  const output = { contentType: 'text/plain; charset=utf-8', body: '<a>Zürich</a>' }
  assert.deepEqual(echoed, { kind: 'succeeded', returnCode: 0, log: output.body, output })
  assert.partialDeepStrictEqual(failed, { kind: 'failed', returnCode: 3 })
})

test('a run that is interrupted is ended beside ours too', async (t) => {
  const file = join(temporaryFolder(t), 'pid')
  const stopping = new AbortController()
  const program = programOf(writePid(file))

  const running = openLauncher().run(program, stopping.signal)
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

  const running = launcher.run(programOf(tellParent), never)
  process.kill(Number(await written(file)), 'SIGKILL')

  const outcome = await running
  assert.equal(outcome.kind, 'errored')
  assert.match(JSON.stringify(outcome), /the process that starts programs ended by SIGKILL/)
  const next = await launcher.run(programOf(node('')), never)
  assert.equal(next.kind, 'succeeded')
})

test('with nothing to run the process ends, and the next run starts another', async (t) => {
  const file = join(temporaryFolder(t), 'parent')
  const launcher = openLauncher({ idleMs: 1 })
  const tellParent = node(
    `require('fs').writeFileSync(${JSON.stringify(file)}, process.ppid + '\\n')`,
  )

  await launcher.run(programOf(tellParent), never)
  assert.ok(await gone(Number(await written(file))))

  assert.equal((await launcher.run(programOf(node('')), never)).kind, 'succeeded')
})

test('when our process is killed, what it started is ended', async (t) => {
  const file = join(temporaryFolder(t), 'pid')
  const script = `
    import { openLauncher } from ${JSON.stringify(import.meta.resolve('./launcher.ts'))}
    import { programOf } from ${JSON.stringify(import.meta.resolve('../../../../test/support/commands.ts'))}
    const program = programOf(${JSON.stringify(writePid(file))})
    await openLauncher().run(program, new AbortController().signal)`
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
