import type { TestContext } from 'node:test'
import { metadataXml, projectJson, temporaryProject } from './temporary-project.ts'

export const WORKFLOWS = 'force-app/main/default/workflows'

/** The user that messages are sent as. */
export const ADMIN = { username: 'admin@obm.example', password: 'correct horse battery' }

type MessageFacts = {
  readonly name?: string
  readonly objectName?: string
  readonly endpointUrl: string
  readonly integrationUser?: string
  readonly includeSessionId?: boolean
}

/** A workflow file: each outbound message with a rule that fires for every change. */
export function workflowXml(messages: readonly MessageFacts[]): string {
  return metadataXml('Workflow', messages.map(messageXml).join('') + messages.map(ruleXml).join(''))
}

function messageXml(message: MessageFacts): string {
  return `<outboundMessages>
    <fullName>${message.name ?? 'Tell'}</fullName><apiVersion>60.0</apiVersion>
    <endpointUrl>${message.endpointUrl}</endpointUrl><fields>Id</fields><fields>Name</fields>
    <includeSessionId>${message.includeSessionId ?? false}</includeSessionId>
    <integrationUser>${message.integrationUser ?? ADMIN.username}</integrationUser>
    <name>${message.name ?? 'Tell'}</name><protected>false</protected>
    <useDeadLetterQueue>false</useDeadLetterQueue>
  </outboundMessages>`
}

function ruleXml({ name = 'Tell' }: MessageFacts): string {
  return `<rules>
    <fullName>${name} of every change</fullName>
    <actions><name>${name}</name><type>OutboundMessage</type></actions>
    <active>true</active><formula>true</formula><triggerType>onAllChanges</triggerType>
  </rules>`
}

/** A job config as `obm.config.json` has it, that lets everybody in. */
export function configuredJob(command: readonly string[], id = 'accounts'): object {
  return { id, command, timeoutSeconds: 60 }
}

/** A project with a workflow of accounts and whatever `obm.config.json` is to say. */
export function accountsProject(
  t: TestContext,
  {
    messages,
    config = {},
  }: { readonly messages: readonly MessageFacts[]; readonly config?: object },
): Promise<string> {
  return temporaryProject(t, {
    'sfdx-project.json': projectJson('force-app'),
    'obm.config.json': JSON.stringify(config),
    [`${WORKFLOWS}/Account.workflow-meta.xml`]: workflowXml(messages),
  })
}
