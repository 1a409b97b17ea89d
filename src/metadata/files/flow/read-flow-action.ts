import type { XmlElement } from '../../../base/xml.ts'
import type { FlowElement } from '../../../rules/flow/flow-definition.ts'
import { childrenOf, wordOf } from '../source.ts'
import { readValue } from './read-flow-values.ts'

type Action = Pick<Extract<FlowElement, { kind: 'action' }>, 'kind' | 'actionType' | 'actionName'>

/** Reads an action call: an e-mail alert or an outbound message about `$Record`, or why it is neither. */
export function readAction(element: XmlElement): Action | string {
  const actionType = wordOf(element, 'actionType')
  const actionName = wordOf(element, 'actionName')
  if (actionName === null) return 'expected <actionName>, found none'
  switch (actionType) {
    case 'outboundMessage':
      return complaintAbout(element, null) ?? { kind: 'action', actionType, actionName }
    case 'emailAlert':
      return complaintAbout(element, 'SObjectRowId') ?? { kind: 'action', actionType, actionName }
    default:
      return `actions of the type ${actionType} are not carried out here`
  }
}

/** Such an action is about `$Record`; the one input that it may have says so. */
function complaintAbout(element: XmlElement, inputName: string | null): string | null {
  const inputs = childrenOf(element, 'inputParameters')
  const other = inputs.find((input) => wordOf(input, 'name') !== inputName)
  if (other) return `its input ${wordOf(other, 'name')} is not understood`
  for (const input of inputs) {
    const value = readValue(input, 'value')
    if (value.kind === 'reference' && value.name.toLowerCase() === '$record.id') continue
    return `it is about ${value.kind === 'reference' ? value.name : 'another record'}: only $Record.Id is understood`
  }
  return null
}
