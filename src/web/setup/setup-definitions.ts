import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'

/**
 * `GET /definitions` →
 * `{"version", "objects": [{"name","label","custom","customSetting","keyPrefix","fieldCount"}],
 *   "rules": [{"objectName","name","active","triggerType","actions":[{"name","type"}],"file","line"}],
 *   "outboundMessages": [{"outboundMessageId","objectName","name","label","endpointUrl","fields",
 *     "includeSessionId","integrationUser","heldReason"}]}`
 */
export function setupDefinitions({ definitions }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/definitions',
      answer: async () => {
        const { version, objects, workflowRules, outboundMessages } = await definitions()
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
          rules: workflowRules.map(
            ({ objectName, fullName, active, triggerType, actions, place }) => ({
              objectName,
              name: decodedName(fullName),
              active,
              triggerType,
              actions,
              ...place,
            }),
          ),
          outboundMessages: outboundMessages.map((message) => ({
            outboundMessageId: message.outboundMessageId,
            objectName: message.objectName,
            name: message.fullName,
            label: message.name,
            endpointUrl: message.endpointUrl,
            fields: message.fields,
            includeSessionId: message.includeSessionId,
            integrationUser: message.integrationUser,
            heldReason: message.heldReason,
          })),
        }
      },
    },
  ]
}

/** Rule names are percent-encoded in files; what does not decode is shown as it stands there. */
function decodedName(fullName: string): string {
  try {
    return decodeURIComponent(fullName)
  } catch {
    return fullName
  }
}
