import { maskUrl } from '../../base/secrets/mask-url.ts'
import type { OrgDefinitions } from '../../org/org-definitions.ts'
import type { RuleProblem } from '../../rules/rule-problem.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'

/** Problems listed; `obm check` lists them all. */
const LISTED_MAX = 2000

/**
 * `GET /definitions` →
 * `{"version", "objects": [{"name","label","custom","customSetting","keyPrefix","fieldCount"}],
 *   "rules": [{"objectName","name","active","isBroken","triggerType","actions":[{"name","type"}],"file","line"}],
 *   "flows": [{"objectName","name","active","isExecuted","file","line"}],
 *   "outboundMessages": [{"outboundMessageId","objectName","name","label","endpointUrl","fields",
 *     "includeSessionId","integrationUser","heldReason"}],
 *   "problems": [{"file","line","code","severity","message"}]}`: what compiling found, errors first, up to 2,000.
 */
export function setupDefinitions({ definitions }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/definitions',
      answer: async () => {
        const known = await definitions()
        const { version, objects, rules, flows, outboundMessages } = known
        return {
          version,
          objects: objects.map(({ name, label, custom, customSetting, keyPrefix, fields }) => ({
            name,
            label,
            custom,
            customSetting,
            keyPrefix,
            fieldCount: fields.length,
          })),
          rules: rules.outcomes.map(({ kind, rule }) => ({
            objectName: rule.objectName,
            name: decodedName(rule.fullName),
            active: rule.active,
            isBroken: kind === 'broken',
            triggerType: rule.triggerType,
            actions: rule.actions,
            ...rule.place,
          })),
          flows: flows.outcomes.map(({ kind, flow }) => ({
            objectName: flow.objectName,
            name: flow.fullName,
            active: flow.active,
            isExecuted: kind === 'executed',
            ...flow.place,
          })),
          outboundMessages: outboundMessages.map((message) => ({
            outboundMessageId: message.outboundMessageId,
            objectName: message.objectName,
            name: message.fullName,
            label: message.name,
            endpointUrl: maskUrl(message.endpointUrl),
            fields: message.fields,
            includeSessionId: message.includeSessionId,
            integrationUser: message.integrationUser,
            heldReason: message.heldReason,
          })),
          problems: problemsOf(known),
        }
      },
    },
  ]
}

/** What is wrong with rules, flows, validation rules and roll-ups as the org has compiled them. */
function problemsOf({ rules, validation, flows, rollUps }: OrgDefinitions): readonly RuleProblem[] {
  const all = [rules, validation, flows, rollUps].flatMap(({ problems }) => problems)
  const isError = ({ severity }: RuleProblem) => severity === 'error'
  return [...all.filter(isError), ...all.filter((each) => !isError(each))].slice(0, LISTED_MAX)
}

/** Rule names are percent-encoded in files; what does not decode is shown as it stands there. */
function decodedName(fullName: string): string {
  try {
    return decodeURIComponent(fullName)
  } catch {
    return fullName
  }
}
