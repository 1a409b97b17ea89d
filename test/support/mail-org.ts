import type { EmailAlert } from '../../src/mail/definitions/email-alert.ts'
import type { EmailTemplate } from '../../src/mail/definitions/email-template.ts'
import type { MailOrg, MergeAsk } from '../../src/mail/mail-org.ts'
import type { MergeValue } from '../../src/mail/template/merge-value.ts'
import type { FieldValues } from '../../src/schema/field-value.ts'
import { DEFAULT_ORG_SETTINGS, type OrgSettings } from '../../src/schema/org-settings.ts'
import type { OrgRecord } from '../../src/schema/record.ts'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { STANDARD_OBJECTS } from '../../src/schema/standard-objects.ts'

const PLACE = { file: 'workflows/Account.workflow', line: 1 }

/** A record of a standard object; `serial` makes its id. */
export function record(objectName: string, serial: number, fields: FieldValues = {}): OrgRecord {
  const prefix = STANDARD_OBJECTS.find(({ name }) => name === objectName)?.keyPrefix ?? 'a00'
  const recordId = makeRecordId(prefix, serial)
  return { objectName, recordId, version: 1, fields: { Id: recordId, ...fields } }
}

/** An active user with an address made of the name. */
export function user(serial: number, name: string, fields: FieldValues = {}): OrgRecord {
  const address = `${name.toLowerCase()}@example.com`
  const own = { Name: name, Username: address, Email: address, IsActive: true }
  return record('User', serial, { ...own, UserType: 'Standard', ...fields })
}

/** An alert of Account; what differs is given. */
export function alertOf(more: Partial<EmailAlert> = {}): EmailAlert {
  return {
    kind: 'alert',
    objectName: 'Account',
    fullName: 'Welcome',
    description: null,
    ccEmails: [],
    recipients: [{ type: 'owner', recipient: null, field: null }],
    senderType: 'CurrentUser',
    senderAddress: null,
    template: 'Sales/Welcome',
    isProtected: false,
    place: PLACE,
    ...more,
  }
}

/** A text template; what differs is given. */
export function templateOf(more: Partial<EmailTemplate> = {}): EmailTemplate {
  return {
    kind: 'emailTemplate',
    key: 'Sales/Welcome',
    name: 'Welcome',
    templateType: 'text',
    subject: 'Welcome',
    body: 'Hello.',
    textOnly: null,
    isAvailable: true,
    place: PLACE,
    ...more,
  }
}

/** An org in memory, as mail sees it: records by id and by field, merge fields that answer their own names. */
export function mailOrg(given: {
  readonly records: readonly OrgRecord[]
  readonly alerts?: readonly EmailAlert[]
  readonly templates?: readonly EmailTemplate[]
  readonly settings?: Partial<OrgSettings>
  readonly mergeValue?: (expression: string, ask: MergeAsk) => MergeValue
}): MailOrg {
  const { records, alerts = [], templates = [] } = given
  const value = given.mergeValue ?? ((expression) => textValue(expression))
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
  return {
    organizationId: makeRecordId('00D', 1),
    definitions: async () => ({
      settings: { ...DEFAULT_ORG_SETTINGS, ...given.settings },
      alertOfKey: (key) => alerts.find((each) => same(`${each.objectName}.${each.fullName}`, key)),
      templateOfKey: (key) => templates.find((each) => same(each.key, key)),
      objectOf: (name) => STANDARD_OBJECTS.find((each) => same(each.name, name)),
    }),
    recordOf: async (id) => records.find(({ recordId }) => recordId === id) ?? null,
    find: async (objectName, fieldName, values) =>
      records.filter(
        (each) =>
          each.objectName === objectName &&
          each.fields.IsDeleted !== true &&
          values.some((wanted) => same(String(each.fields[fieldName] ?? ''), wanted)),
      ),
    mergeValues: async (ask) =>
      new Map(ask.expressions.map((expression) => [expression, value(expression, ask)])),
  }
}

/** What a merge field stands for, as a text. */
export function textValue(text: string | null): MergeValue {
  return { kind: 'value', type: 'text', value: text, scale: null }
}
