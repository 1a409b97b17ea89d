import { runCommand } from './command.ts'
import type { LauncherAnswer, LauncherAsk } from './launcher.ts'

// The small process that starts programs: runs what it is told until its parent goes away.
const running = new Map<number, AbortController>()

process.on('message', async (ask: LauncherAsk) => {
  if (ask.kind === 'end') {
    running.get(ask.id)?.abort()
    return
  }
  const { id, config, run, folder } = ask
  const ending = new AbortController()
  running.set(id, ending)
  const outcome = await runCommand(config, run, { folder, signal: ending.signal })
  running.delete(id)
  const answer: LauncherAnswer = { id, outcome }
  process.send?.(answer, () => {}) // nobody may be there any more
})

process.on('disconnect', () => {
  // Whoever takes the runs over attempts them again: two of a run should not go on side by side.
  for (const ending of running.values()) ending.abort()
})

// A terminal interrupts all processes of a group at once: when to stop is the parent's to say.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
