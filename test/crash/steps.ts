/** Where a process is killed: a step of the receiving walk, and what stands on disk there. */
export type Step = {
  /** The id of the job config whose messages are held there. */
  readonly name: string
  readonly what: string
  /** Inside a transaction: it has a store of its own, as nobody else can write meanwhile. */
  readonly isInCommit: boolean
}

const between = (name: string, what: string): Step => ({ name, what, isInCommit: false })
const inCommit = (name: string, what: string): Step => ({ name, what, isInCommit: true })

/** The receiving walk, step by step. */
export const STEPS: readonly Step[] = [
  between('read', 'the message is read, its sender is not known yet'),
  between('known', 'its sender is known, nothing is asked of the store'),
  inCommit('accept_begun', 'the transaction is open, nothing is written'),
  inCommit('accept_half', 'ids are written, their runs are not'),
  inCommit('accept_written', 'ids and runs are written, not committed'),
  inCommit('accept_committed', 'committed, the process does not know it yet'),
  between('kept', 'the process knows it, no Ack has left'),
  inCommit('lease_written', 'runs are leased, not committed'),
  between('leased', 'runs are leased, the runner does not know it yet'),
  between('started', 'the run is RUNNING, its program is not'),
  between('ran', 'its program has ended, nobody has written it down'),
  inCommit('settle_written', 'its end is written, not committed'),
  inCommit('settle_committed', 'its end is committed, the process does not know it yet'),
  between('settled', 'its end is known'),
]

/** The lane of the steps that share a store. */
export const WALK = 'walk'

/** The job config whose messages are held nowhere: the process is killed at any moment of theirs. */
export const ANYWHERE = 'anywhere'

/** The stores of a crash test: each is killed in the midst of something else. */
export const LANES: readonly string[] = [
  WALK,
  ...STEPS.filter((step) => step.isInCommit).map((step) => step.name),
]

/** The job configs of a lane. */
export function configsOf(lane: string): readonly string[] {
  if (lane !== WALK) return [lane]
  return [...STEPS.filter((step) => !step.isInCommit).map((step) => step.name), ANYWHERE]
}
