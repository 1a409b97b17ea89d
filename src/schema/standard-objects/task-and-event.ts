import {
  checkbox,
  field,
  int,
  owner,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'

/** Statuses that close a task. */
export const CLOSED_TASK_STATUSES: readonly string[] = ['Completed']

/** Whom an activity is with. */
const WHO = ['Contact', 'Lead']
/** What an activity is about; a project adds its own objects that allow activities. */
const WHAT = [
  'Account',
  'Opportunity',
  'Case',
  'Campaign',
  'Contract',
  'Quote',
  'Order',
  'Product2',
  'Asset',
  'ServiceContract',
  'Entitlement',
  'WorkOrder',
  'Solution',
]

/** Task: something to do. */
export const TASK = standardObject('Task', '00T', 'Task|Tasks', [
  reference('WhoId', WHO, { label: 'Name ID' }),
  reference('WhatId', WHAT, { label: 'Related To ID', deleteConstraint: 'Cascade' }),
  reference('RecordTypeId', ['RecordType']),
  text('Subject', 255),
  field('ActivityDate', 'date', { label: 'Due Date Only' }),
  picklist(
    'Status',
    '*Not Started|In Progress|Completed|Waiting on someone else|Deferred',
    REQUIRED,
  ),
  picklist('Priority', 'High|*Normal|Low', REQUIRED),
  checkbox('IsHighPriority', READ_ONLY),
  owner('User', 'Group'),
  textArea('Description', 32000),
  picklist('Type', 'Call|Email|Meeting|Other'),
  reference('AccountId', ['Account'], READ_ONLY),
  checkbox('IsClosed', READ_ONLY),
  checkbox('IsArchived', READ_ONLY),
  int('CallDurationInSeconds', 8, { label: 'Call Duration' }),
  picklist('CallType', 'Internal|Inbound|Outbound', { restricted: true }),
  text('CallDisposition', 255, { label: 'Call Result' }),
  text('CallObject', 255, { label: 'Call Object Identifier' }),
  field('ReminderDateTime', 'datetime', { label: 'Reminder Date/Time' }),
  checkbox('IsReminderSet'),
  picklist('TaskSubtype', '*Task|Email|ListEmail|Cadence|Call|LinkedIn', {
    restricted: true,
    updateable: false,
  }),
  field('CompletedDateTime', 'datetime', { label: 'Completed Date/Time', ...READ_ONLY }),
])

/** Event: an appointment. */
export const EVENT = standardObject('Event', '00U', 'Event|Events', [
  reference('WhoId', WHO, { label: 'Name ID' }),
  reference('WhatId', WHAT, { label: 'Related To ID', deleteConstraint: 'Cascade' }),
  reference('RecordTypeId', ['RecordType']),
  text('Subject', 255),
  text('Location', 255),
  checkbox('IsAllDayEvent'),
  field('ActivityDateTime', 'datetime', { label: 'Due Date Time' }),
  field('ActivityDate', 'date', { label: 'Due Date Only' }),
  int('DurationInMinutes', 8, { label: 'Duration' }),
  field('StartDateTime', 'datetime', { label: 'Start Date Time' }),
  field('EndDateTime', 'datetime', { label: 'End Date Time' }),
  textArea('Description', 32000),
  picklist('Type', 'Email|Meeting|Other|Call'),
  reference('AccountId', ['Account'], READ_ONLY),
  owner('User'),
  checkbox('IsPrivate'),
  picklist('ShowAs', '*Busy|OutOfOffice|Free', { restricted: true }),
  checkbox('IsChild', READ_ONLY),
  checkbox('IsGroupEvent', READ_ONLY),
  checkbox('IsArchived', READ_ONLY),
  field('ReminderDateTime', 'datetime', { label: 'Reminder Date/Time' }),
  checkbox('IsReminderSet'),
  picklist('EventSubtype', '*Event', { restricted: true, updateable: false }),
])
