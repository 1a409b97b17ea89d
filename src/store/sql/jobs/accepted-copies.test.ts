import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ORGANIZATION_ID } from '../../../../test/support/fake-org.ts'
import { jobConfig, NOON, openReceivingStoreAt } from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { accept } from '../../../inbox/accept.ts'
import type { InboxStore } from '../../../inbox/inbox-store.ts'
import type { JobConfig } from '../../../jobs/job-config.ts'
import { parseRecordId } from '../../../schema/record-id.ts'
import type { Envelope, EnvelopeNotification } from '../../../wire/envelope.ts'

const idOf = (number: number) => parseRecordId(`04l${String(number).padStart(12, '0')}`)

function notification(number: number, values: Readonly<Record<string, string>> = {}) {
  return {
    notificationId: idOf(number),
    sObject: {
      type: 'Account',
      recordId: parseRecordId(`001${String(number).padStart(12, '0')}`),
      fields: Object.entries({ Name: `N${number}`, ...values }).map(([name, value]) => ({
        name,
        value,
        nil: false,
      })),
    },
  }
}

function envelope(...notifications: readonly (number | EnvelopeNotification)[]): Envelope {
  return {
    organizationId: parseRecordId(ORGANIZATION_ID),
    actionId: parseRecordId('04k5e000000Xy2z'),
    sessionId: null,
    enterpriseUrl: null,
    partnerUrl: null,
    notifications: notifications.map((each) =>
      typeof each === 'number' ? notification(each) : each,
    ),
  }
}

for (const store of storesUnderTest()) {
  const open = async (t: TestContext, change: Partial<JobConfig>) => {
    const config = jobConfig(change)
    const url = await store.url(t)
    const { inbox, jobs } = await openReceivingStoreAt(t, url)
    await jobs.writeConfig(config)
    const take = (each: Envelope, at: InboxStore = inbox) => accept(at, each, { config, now: NOON })
    /** Of each run, oldest first, which notifications its message has. */
    const runs = async () => {
      const listed = (await jobs.listRuns({ limit: 99, offset: 0 })).toReversed()
      const all = await Promise.all(listed.map(({ runId }) => jobs.readRun(runId)))
      return all.map((run) =>
        [...(run?.message?.body ?? '').matchAll(/<Id>04l0*(\d+)\w{3}<\/Id>/g)].map(([, number]) =>
          Number(number),
        ),
      )
    }
    return { jobs, take, runs, url }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }

  on('with one run for a message, it holds all that are new, and copies start none', async (t) => {
    const { jobs, take, runs } = await open(t, { runPer: 'message' })
    const first = await take(envelope(1, 2, 3))
    const copy = await take(envelope(3, 2, 1))
    const mixed = await take(envelope(3, 4, 5, 1))
    const alone = await take(envelope(6, 5))

    assert.deepEqual(await runs(), [[1, 2, 3], [4, 5], [6]])
    assert.deepEqual(
      [first, copy, mixed, alone].map((each) =>
        each.kind === 'accepted' ? [each.newRuns, each.newNotifications] : each.kind,
      ),
      [
        [1, 3],
        [0, 0],
        [1, 2],
        [1, 1],
      ],
    )
    const [last] = await jobs.listRuns({ limit: 1, offset: 0 })
    const properties = (await jobs.readRun(last?.runId ?? ''))?.message?.properties
    assert.equal(properties?.['NotificationId'], idOf(6))
    const found = await jobs.runsOf({
      organizationId: ORGANIZATION_ID,
      notificationIds: [idOf(2)],
      limit: 9,
    })
    assert.equal(found.length, 1)
  })

  on('an id that a message has twice is in its run once', async (t) => {
    const { take, runs } = await open(t, { runPer: 'message' })
    await take(envelope(1, 2, 1))
    await take(envelope(3, 3))
    assert.deepEqual(await runs(), [[1, 2], [3]])
  })

  on(
    'messages that overlap and arrive at once on two machines put each notification into one run',
    async (t) => {
      const { take, runs, url } = await open(t, { runPer: 'message' })
      const other = (await openReceivingStoreAt(t, url)).inbox
      const all = Array.from({ length: 12 }, (_, start) =>
        Array.from({ length: 6 }, (_, index) => ((start * 5 + index * 7) % 24) + 1),
      )
      await take(envelope(3, 17))
      const answers = await Promise.all(
        all.map((numbers, index) =>
          take(envelope(...numbers), index % 2 === 0 ? other : undefined),
        ),
      )

      const kept = (await runs()).flat().sort((one, another) => one - another)
      const wanted = [...new Set([3, 17, ...all.flat()])].sort((one, another) => one - another)
      assert.deepEqual(kept, wanted)
      const counts = answers.map((each) => (each.kind === 'accepted' ? each.newNotifications : -1))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 2),
        wanted.length,
      )
    },
  )

  on(
    'what a job’s own user changed has a run of its own that is not run, beside that of the others',
    async (t) => {
      const { jobs, take, runs } = await open(t, {
        runPer: 'message',
        ownUserIds: ['0055e000000AAAAAA4'],
      })
      const own = notification(2, { LastModifiedById: '0055e000000AAAAAA4' })
      await take(envelope(1, own, 3))
      assert.deepEqual(await runs(), [[1, 3], [2]])
      const listed = await jobs.listRuns({ limit: 9, offset: 0 })
      assert.deepEqual(
        listed.map(({ status }) => status),
        ['CANCELLED', 'QUEUED'],
      )
    },
  )

  for (const runPer of ['notification', 'message'] as const) {
    on(
      `a copy with other content is flagged on the run of the first, which is kept (a run per ${runPer})`,
      async (t) => {
        const { jobs, take } = await open(t, { runPer })
        await take(envelope(1, 2))
        await take(envelope(1, 2))
        const changed = await take(envelope(notification(2, { Name: 'other' }), 3))

        assert.deepEqual(changed.kind === 'accepted' && changed.differing, [idOf(2)])
        const found = await jobs.runsOf({
          organizationId: ORGANIZATION_ID,
          notificationIds: [idOf(2)],
          limit: 9,
        })
        assert.equal(found.length, 1)
        const run = await jobs.readRun(found[0]?.runId ?? '')
        assert.equal(run?.differingCopies, 1)
        assert.match(run?.message?.body ?? '', /N2/)
        assert.doesNotMatch(run?.message?.body ?? '', /other/)
        const listed = await jobs.listRuns({ limit: 9, offset: 0 })
        assert.equal(
          listed.reduce((sum, each) => sum + each.differingCopies, 0),
          1,
        )
      },
    )
  }
}
