import { runPath } from '../../../rules/flow/run-flows.ts'
import type { CompiledPath } from '../../../rules/flow/scheduled-path.ts'
import { FormulaRuntimeError } from '../../../rules/formula/errors.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import { type EvaluationBase, standingRecord } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { TimeSource } from '../../time-queue/time-entry.ts'
import { failedError, flowFiring } from './flows-for-save.ts'
import type { DueFiring } from './save-context.ts'

/** Runs a scheduled path that is due, if the record still meets what it waited under. */
export function runDuePath(
  { flowName, pathName }: TimeSource & { readonly kind: 'flow' },
  record: OrgRecord,
  { definitions, base }: { definitions: OrgDefinitions; base: EvaluationBase },
): DueFiring {
  const flow = definitions.flows.flowNamed(flowName)
  if (flow?.objectName !== record.objectName) {
    const name = JSON.stringify(flowName)
    const reason = `no flow ${name} of ${record.objectName} is executed: it waits for one`
    return { kind: 'held', reason }
  }
  const path = flow.scheduledPaths.find(({ name }) => name === pathName)
  if (!path) return { kind: 'not met', reason: 'its flow has no such path any more' }
  const unmet = whyUnmet(path, record, base)
  if (unmet !== null) return { kind: 'not met', reason: unmet }
  const ran = runPath(flow, { pathName, record }, base)
  if (ran.kind === 'failed') return { kind: 'failed', errors: [failedError(ran)] }
  return { kind: 'ran', firing: flowFiring(ran) }
}

function whyUnmet(path: CompiledPath, record: OrgRecord, base: EvaluationBase): string | null {
  const unmet = 'it was due, and the record did not meet the entry conditions'
  try {
    return path.holds(standingRecord(base, record)) ? null : unmet
  } catch (error) {
    if (error instanceof FormulaRuntimeError) return `${unmet}: ${error.message}`
    throw error
  }
}
