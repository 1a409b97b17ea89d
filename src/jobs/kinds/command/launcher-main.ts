import { writeFileSync } from 'node:fs'
import { runCommand } from './command.ts'
import type { LauncherAnswer, LauncherAsk } from './launcher.ts'
import { openMemoryWatch } from './memory-watch.ts'

/** Of -1000 to 1000: the programs go before anybody else where the machine itself runs out of memory. */
const OOM_SCORE = '1000'

// The small process that starts programs: runs what it is told until its parent goes away.
const running = new Map<number, AbortController>()
const memory = openMemoryWatch()
offerForOutOfMemory()

process.on('message', async (ask: LauncherAsk) => {
  if (ask.kind === 'end') {
    running.get(ask.id)?.abort()
    return
  }
  const { id, program } = ask
  const ending = new AbortController()
  running.set(id, ending)
  const outcome = await runCommand(program, ending.signal, memory)
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

/** What is started inherits it. */
function offerForOutOfMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
  } catch {
    // No Linux, or not allowed: then the kernel chooses by itself.
  }
}
