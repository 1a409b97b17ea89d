import { decodePercent } from '../../base/decode-percent.ts'
import type { Org } from '../../org/open-org.ts'
import type { OrgDefinitions } from '../../org/org-definitions.ts'
import type { TimeQueueStore } from '../../org/time-queue/time-queue-store.ts'

/**
 * Tells of rules with time triggers that were there `before` and are not any more, while something of theirs waits: it
 * stays until the rule is back, or until its record is saved.
 */
export async function tellOrphanedEntries(
  org: Pick<Org, 'definitions' | 'log'>,
  timeQueue: Pick<TimeQueueStore, 'list'>,
  before: OrgDefinitions,
): Promise<void> {
  const now = org.definitions()
  const gone = before.workflowRules.filter(
    ({ objectName, fullName, timeTriggers }) =>
      timeTriggers.length > 0 && now.rules.timedRule(objectName, fullName) === undefined,
  )
  for (const { objectName, fullName } of gone) {
    const sourceName = decodePercent(fullName)
    const waiting = await timeQueue.list({ sourceName, objectName, state: 'pending', limit: 1 })
    if (waiting.length === 0) continue
    org.log.warn('time.rule_gone', { source: `rule ${JSON.stringify(sourceName)}`, objectName })
  }
}
