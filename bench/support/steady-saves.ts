import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { REST } from '../../test/support/rest-client.ts'
import { recordValues } from './bench-project.ts'

/** Saves of the same records again and again, so that the records' own table stays as it is. */
export type SteadySaves = {
  /** Saves so many records a second, or as many as go, for so long. */
  run(rate: number, durationMs: number): Promise<void>
  /** Records saved since they were made. */
  savedCount(): number
}

const RECORDS = 2000
const IN_ONE_REQUEST = 50
const AT_ONCE = 4

/** Makes the records, and answers what saves them. */
export async function openSteadySaves({
  url,
  token,
  objectName,
}: {
  readonly url: string
  readonly token: string
  readonly objectName: string
}): Promise<SteadySaves> {
  const pool = new Pool(url, { connections: AT_ONCE })
  const send = async (method: 'POST' | 'PATCH', records: readonly object[]) => {
    const { statusCode, body } = await pool.request({
      method,
      path: `${REST}/composite/sobjects`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ allOrNone: true, records }),
    })
    const answer = (await body.json()) as readonly { id: string; success: boolean }[]
    if (statusCode !== 200 || !answer.every(({ success }) => success)) {
      throw new Error(`not saved: ${statusCode} ${JSON.stringify(answer).slice(0, 500)}`)
    }
    return answer.map(({ id }) => id)
  }
  const attributes = { type: objectName }
  const ids: string[] = []
  while (ids.length < RECORDS) {
    const records = Array.from({ length: IN_ONE_REQUEST }, (_, index) => ({
      attributes,
      ...recordValues(ids.length + index),
    }))
    ids.push(...(await send('POST', records)))
  }

  let saved = 0
  let next = 0
  const saveSome = async () => {
    const from = next
    next = (next + IN_ONE_REQUEST) % RECORDS
    const records = ids
      .slice(from, from + IN_ONE_REQUEST)
      .map((id, index) => ({ attributes, id, ...recordValues(saved + index) }))
    await send('PATCH', records)
    saved += IN_ONE_REQUEST
  }
  return {
    savedCount: () => saved,
    run: async (rate, durationMs) => {
      const startedAt = performance.now()
      let asked = 0
      const inTurn = async () => {
        for (let passed = 0; passed < durationMs; passed = performance.now() - startedAt) {
          const dueMs = (asked / rate) * 1000
          asked += IN_ONE_REQUEST
          if (dueMs > passed) await sleep(dueMs - passed)
          await saveSome()
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, inTurn))
    },
  }
}
