import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, workflowRule } from '../../../test/support/org-definitions.ts'
import { tellOrphanedEntries } from './tell-orphaned-entries.ts'

test('a rule that vanishes from the project is told of while something of it waits', async (t) => {
  const later = { actions: [], offsetFromField: null, timeLength: 1, unit: 'Days' } as const
  const rules = ['Waits', 'Waits not'].map((fullName) =>
    workflowRule({
      fullName,
      formula: fullName === 'Waits' ? 'TRUE' : 'FALSE',
      actions: [],
      timeTriggers: [later],
    }),
  )
  const { org, stores, create, told } = await openTestOrg(t, {
    definitions: asDefinitions({ rules }),
  })
  await create('Account', { Name: 'Acme' })
  const before = org.definitions()

  await tellOrphanedEntries(org, stores.timeQueue, before)
  assert.deepEqual(
    told.filter(({ event }) => event === 'time.rule_gone'),
    [],
  )

  await stores.org.replaceDefinitions('project', [])
  await org.refresh()
  await tellOrphanedEntries(org, stores.timeQueue, before)
  assert.deepEqual(
    told.filter(({ event }) => event === 'time.rule_gone').map(({ fields }) => fields),
    [{ source: 'rule "Waits"', objectName: 'Account' }],
  )
})
