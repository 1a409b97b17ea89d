import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { workflowXml } from '../../test/support/accounts-project.ts'
import { metadataXml, projectJson } from '../../test/support/temporary-project.ts'

/** Objects alike in their fields: without rules, with 20 that do not fire, with 20 of which one does. */
export const OBJECTS = ['Plain__c', 'Ruled__c', 'Fired__c'] as const
export type BenchObject = (typeof OBJECTS)[number]

/** The job config that the receiving benches post to; it asks nothing of the sender. */
export const JOB_CONFIG_ID = 'bench'

/** A record's values: 15 fields, about 800 bytes as XML. */
export function recordValues(serial: number): Readonly<Record<string, unknown>> {
  const texts = TEXT_FIELDS.map((name, index) => [
    name,
    `value ${index} of record ${serial} & more`,
  ])
  return {
    Name: `Record ${serial}`,
    ...Object.fromEntries(texts),
    Number_One__c: serial % 1000,
    Number_Two__c: 12.5,
    Day__c: '2026-03-02',
    Check__c: true,
  }
}

const TEXT_FIELDS = Array.from({ length: 10 }, (_, index) => `Text_${index + 1}__c`)
const FIELDS = [...TEXT_FIELDS, 'Number_One__c', 'Number_Two__c', 'Day__c', 'Check__c']

/** Every field a message carries, `Name` among them. */
export const MESSAGE_FIELDS = ['Name', ...FIELDS]

const RULES = 20
const SOURCE = 'force-app/main/default'

/** Writes the project of all benches into `folder`; its outbound messages go to `endpointUrl`. */
export function writeBenchProject(
  folder: string,
  { endpointUrl = 'http://127.0.0.1:9/', username }: { endpointUrl?: string; username: string },
): void {
  const message = { endpointUrl, integrationUser: username }
  const plain = workflowXml([{ ...message, objectName: 'Plain__c' }])
  const files: Readonly<Record<string, string>> = {
    'sfdx-project.json': projectJson('force-app'),
    'obm.config.json': JSON.stringify({ jobConfigs: [{ id: JOB_CONFIG_ID, command: ['true'] }] }),
    ...Object.fromEntries(
      OBJECTS.map((name) => [`${SOURCE}/objects/${name}/${name}.object-meta.xml`, objectXml(name)]),
    ),
    // Its message is sent from a prepared backlog: no rule is to add to it.
    [`${SOURCE}/workflows/Plain__c.workflow-meta.xml`]: allFields(plain).replace(
      '<active>true</active>',
      '<active>false</active>',
    ),
    [`${SOURCE}/workflows/Ruled__c.workflow-meta.xml`]: metadataXml(
      'Workflow',
      idleRules('Ruled__c', RULES),
    ),
    [`${SOURCE}/workflows/Fired__c.workflow-meta.xml`]: allFields(workflowXml([message])).replace(
      '</Workflow>',
      `${idleRules('Fired__c', RULES - 1)}</Workflow>`,
    ),
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

function allFields(workflow: string): string {
  const fields = MESSAGE_FIELDS.map((name) => `<fields>${name}</fields>`).join('')
  return workflow.replace('<fields>Id</fields><fields>Name</fields>', fields)
}

function objectXml(name: string): string {
  const label = name.replace('__c', '')
  return metadataXml(
    'CustomObject',
    `<label>${label}</label><pluralLabel>${label}s</pluralLabel>
    <deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel>
    <nameField><label>Name</label><type>Text</type></nameField>${FIELDS.map(fieldXml).join('')}`,
  )
}

function fieldXml(name: string): string {
  const label = name.replace('__c', '').replaceAll('_', ' ')
  return `<fields><fullName>${name}</fullName><label>${label}</label>${typeXml(name)}</fields>`
}

function typeXml(name: string): string {
  if (name.startsWith('Number')) {
    return '<type>Number</type><precision>18</precision><scale>2</scale>'
  }
  if (name.startsWith('Day')) return '<type>Date</type>'
  if (name.startsWith('Check')) {
    return '<type>Checkbox</type><defaultValue>false</defaultValue>'
  }
  return '<type>Text</type><length>255</length>'
}

/** Rules that are evaluated to their end and do not fire: formulas and criteria by turns. */
function idleRules(objectName: string, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const condition = index % 2 === 0 ? formula(index) : criteria(objectName, index)
    return `<rules><fullName>Idle ${index}</fullName><active>true</active>${condition}
      <triggerType>onAllChanges</triggerType></rules>`
  }).join('')
}

function formula(index: number): string {
  const text = TEXT_FIELDS[index % TEXT_FIELDS.length]
  return `<formula>AND(OR(ISNEW(), ISCHANGED(${text})), Number_One__c &gt;= 0, CONTAINS(${text}, &quot;never ${index}&quot;))</formula>`
}

function criteria(objectName: string, index: number): string {
  const items = [
    ['Number_One__c', 'greaterOrEqual', '0'],
    ['Check__c', 'equals', 'True'],
    [TEXT_FIELDS[index % TEXT_FIELDS.length], 'startsWith', `never ${index}`],
  ]
  return items
    .map(([field, operation, value]) => {
      const name = `<field>${objectName}.${field}</field>`
      return `<criteriaItems>${name}<operation>${operation}</operation><value>${value}</value></criteriaItems>`
    })
    .join('')
}
