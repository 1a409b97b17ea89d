import type { AcceptAnswer, Acceptance } from '../../../inbox/inbox-store.ts'

/** Notifications in one commit at most, so that a burst does not make one huge transaction. */
const GROUP_NOTIFICATIONS_MAX = 2_000

type Waiting = {
  readonly acceptance: Acceptance
  readonly resolve: (answer: AcceptAnswer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets acceptances that come while a commit is under way go together as the next one. Where a group
 * fails, each of its acceptances is tried alone, so that a bad one fails alone.
 */
export function openGroupAccept(
  acceptAll: (acceptances: readonly Acceptance[]) => Promise<readonly AcceptAnswer[]>,
): (acceptance: Acceptance) => Promise<AcceptAnswer> {
  const waiting: Waiting[] = []
  let isCommitting = false

  const commitGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await acceptAll(group.map((each) => each.acceptance))
      for (const [index, each] of group.entries()) each.resolve(answerAt(answers, index))
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else await Promise.all(group.map((each) => commitGroup([each])))
    }
  }

  const commitWaiting = async () => {
    isCommitting = true
    while (waiting.length > 0) await commitGroup(nextGroup(waiting))
    isCommitting = false
  }

  return (acceptance) =>
    new Promise((resolve, reject) => {
      waiting.push({ acceptance, resolve, reject })
      if (!isCommitting) void commitWaiting()
    })
}

/** Takes the first that waits and what fits beside it. */
function nextGroup(waiting: Waiting[]): readonly Waiting[] {
  let notificationCount = 0
  const end = waiting.findIndex(({ acceptance }, index) => {
    notificationCount += acceptance.notifications.length
    return index > 0 && notificationCount > GROUP_NOTIFICATIONS_MAX
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}

function answerAt(answers: readonly AcceptAnswer[], index: number): AcceptAnswer {
  const answer = answers[index]
  if (!answer) throw new Error(`expected an answer for each acceptance, got ${answers.length}`)
  return answer
}
