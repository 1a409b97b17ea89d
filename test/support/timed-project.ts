import type { TestContext } from 'node:test'
import { ADMIN, WORKFLOWS } from './accounts-project.ts'
import { metadataXml, projectJson, temporaryProject } from './temporary-project.ts'

const OBJECT = 'force-app/main/default/objects/Account'

/** When a time trigger is due, and the element that says by which date; none: from the moment the rule fires. */
type TriggerFacts = {
  readonly days: number
  readonly from?: string
  readonly actions: readonly (readonly [name: string, type: string])[]
}

function triggerXml({ days, from, actions }: TriggerFacts): string {
  const named = actions.map(([name, type]) => {
    return `<actions><name>${name}</name><type>${type}</type></actions>`
  })
  return `<workflowTimeTriggers>${named.join('')}
    ${from === undefined ? '' : `<offsetFromField>${from}</offsetFromField>`}
    <timeLength>${days}</timeLength><workflowTimeTriggerUnit>Days</workflowTimeTriggerUnit>
  </workflowTimeTriggers>`
}

/**
 * A project whose rule "Hot" waits while the rating of an account is hot: after a day it writes the site, after
 * three it sends the message Tell, and a day before Follow_up__c it sends it too.
 */
export function timedProject(
  t: TestContext,
  { endpointUrl, config = {} }: { readonly endpointUrl: string; readonly config?: object },
): Promise<string> {
  const triggers: readonly TriggerFacts[] = [
    { days: 1, actions: [['Set_Site', 'FieldUpdate']] },
    { days: 3, actions: [['Tell', 'OutboundMessage']] },
    { days: -1, from: 'Account.Follow_up__c', actions: [['Tell', 'OutboundMessage']] },
  ]
  const workflow = `<fieldUpdates>
    <fullName>Set_Site</fullName><field>Site</field><formula>&quot;one day later&quot;</formula>
    <name>Set Site</name><notifyAssignee>false</notifyAssignee><operation>Formula</operation>
    <protected>false</protected>
  </fieldUpdates>
  <outboundMessages>
    <fullName>Tell</fullName><apiVersion>60.0</apiVersion><endpointUrl>${endpointUrl}</endpointUrl>
    <fields>Id</fields><fields>Name</fields><fields>Site</fields><includeSessionId>false</includeSessionId>
    <integrationUser>${ADMIN.username}</integrationUser><name>Tell</name>
    <protected>false</protected><useDeadLetterQueue>false</useDeadLetterQueue>
  </outboundMessages>
  <rules>
    <fullName>Hot</fullName><active>true</active>
    <criteriaItems><field>Account.Rating</field><operation>equals</operation><value>Hot</value></criteriaItems>
    <triggerType>onCreateOrTriggeringUpdate</triggerType>
    ${triggers.map(triggerXml).join('')}
  </rules>`
  const field = `<fullName>Follow_up__c</fullName><label>Follow up</label><type>Date</type>`
  return temporaryProject(t, {
    'sfdx-project.json': projectJson('force-app'),
    'obm.config.json': JSON.stringify(config),
    [`${WORKFLOWS}/Account.workflow-meta.xml`]: metadataXml('Workflow', workflow),
    [`${OBJECT}/fields/Follow_up__c.field-meta.xml`]: metadataXml('CustomField', field),
  })
}
