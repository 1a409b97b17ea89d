import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldValues } from '../schema/field-value.ts'
import { KEY_PREFIX, makeRecordId, type RecordId } from '../schema/record-id.ts'
import { readTogether } from './read-together.ts'
import type { RecordReader } from './record-reader.ts'

const accountId = (serial: number) => makeRecordId(KEY_PREFIX.account, serial)
const BAD = accountId(666)

/** A reader that answers when it is told to, and cannot read one of the records. */
function openSlowReader() {
  const asked: RecordId[][] = []
  const answers: (() => void)[] = []
  const reader: RecordReader = {
    whyNotAs: async () => null,
    sessionFor: async () => null,
    readRecordsAs: (_username, _objectName, ids, [name = '']) => {
      asked.push([...ids])
      return new Promise((resolve, reject) => {
        answers.push(() =>
          ids.includes(BAD)
            ? reject(new Error('its secret cannot be opened'))
            : resolve(new Map(ids.map((id): [RecordId, FieldValues] => [id, { [name]: id }]))),
        )
      })
    },
  }
  const answerNext = async () => {
    answers.shift()?.()
    await new Promise(setImmediate)
  }
  return { reader: readTogether(reader), asked, answerNext }
}

test('records that are wanted while others are being read are read together, those of each fields apart', async () => {
  const { reader, asked, answerNext } = openSlowReader()
  const read = (serial: number, field = 'Name') =>
    reader.readRecordsAs('u@example.com', 'Account', [accountId(serial)], [field])
  const found = [read(1), read(2), read(3), read(2), read(4, 'Phone')]
  assert.deepEqual(asked, [[accountId(1)], [accountId(4)]])
  for (let turn = 0; turn < 3; turn += 1) await answerNext()
  assert.deepEqual(asked[2], [accountId(2), accountId(3)])
  const values = await Promise.all(found)
  assert.deepEqual(values[1]?.get(accountId(2)), { Name: accountId(2) })
  assert.deepEqual(values[3]?.get(accountId(2)), { Name: accountId(2) })
  assert.deepEqual(values[4]?.get(accountId(4)), { Phone: accountId(4) })
})

test('a record that cannot be read keeps no other message from being sent', async () => {
  const { reader, answerNext } = openSlowReader()
  const read = (id: RecordId) => reader.readRecordsAs('u@example.com', 'Account', [id], ['Name'])
  const first = read(accountId(1))
  const [bad, good] = [read(BAD), read(accountId(2))]
  const refused = assert.rejects(bad, /secret/)
  for (let turn = 0; turn < 4; turn += 1) await answerNext()
  await refused
  assert.equal((await first).size, 1)
  assert.deepEqual((await good).get(accountId(2)), { Name: accountId(2) })
})
