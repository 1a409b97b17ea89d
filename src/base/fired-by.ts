import { decodePercent } from './decode-percent.ts'

const FLOW = 'flow:'

/** What a flow owes is kept under this in place of a rule's full name, which never has a bare colon. */
export function flowAsRuleName(flow: string): string {
  return FLOW + flow
}

/** What people call who fired: `rule "Tell ERP"`, `flow "Notify"`. */
export function firedByText(ruleFullName: string): string {
  return ruleFullName.startsWith(FLOW)
    ? `flow ${JSON.stringify(ruleFullName.slice(FLOW.length))}`
    : `rule ${JSON.stringify(decodePercent(ruleFullName))}`
}
