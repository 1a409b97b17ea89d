// What a team writes around a job queue: read the record as it is now, post it, keep a line of what came of it.
import pg from 'pg'
import { Pool } from 'undici'
import { COLUMNS, HEAD, notificationId, recordId, valuesOf, writeEnvelope } from './message.mjs'

const HEADERS = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' }
const RECORDS = 2000

/** Opens the peer's own database: its records, and the log of its attempts. */
export async function openDatabase(databaseUrl, connections) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections })
  pool.on('error', (error) => console.error(error))
  pool.on('connect', (client) => client.on('error', (error) => console.error(error)))
  const columns = COLUMNS.map((name) => `"${name}" text`).join(', ')
  await pool.query(`CREATE TABLE IF NOT EXISTS record (id text PRIMARY KEY, ${columns})`)
  await pool.query(`CREATE TABLE IF NOT EXISTS attempt (attempt_id bigserial PRIMARY KEY, record_id text NOT NULL,
    started_at timestamptz NOT NULL, duration_ms int NOT NULL, http_status int, outcome text NOT NULL,
    request text NOT NULL, response text NOT NULL)`)
  const places = ['id', ...COLUMNS].map((_, index) => `$${index + 1}`).join(', ')
  for (let index = 1; index <= RECORDS; index += 1) {
    const values = valuesOf(index)
    await pool.query(`INSERT INTO record VALUES (${places}) ON CONFLICT DO NOTHING`, [
      recordId(index),
      ...COLUMNS.map((name) => values[name]),
    ])
  }
  return pool
}

/** The records that jobs are about, in turn. */
export function jobsOf(count) {
  return Array.from({ length: count }, (_, index) => ({
    recordId: recordId(1 + (index % RECORDS)),
  }))
}

/** Answers what one job does: one notification, one POST. It throws where there is no Ack, so that it is tried again. */
export function openDelivery(pool, endpointUrl, connections) {
  const { origin, pathname } = new URL(endpointUrl)
  const http = new Pool(origin, { connections, pipelining: 1 })
  return async ({ recordId: id }) => {
    const { rows } = await pool.query({
      name: 'read',
      text: 'SELECT * FROM record WHERE id = $1',
      values: [id],
    })
    const notification = { notificationId: notificationId(), recordId: id, values: rows[0] ?? null }
    const request = writeEnvelope({ ...HEAD, notifications: [notification] })
    const startedAt = Date.now()
    const answer = await http.request({
      method: 'POST',
      path: pathname,
      headers: HEADERS,
      body: request,
    })
    const response = await answer.body.text()
    const isAcked = answer.statusCode === 200 && /<Ack>\s*true\s*<\/Ack>/.test(response)
    const outcome = isAcked ? 'acknowledged' : 'refused'
    await pool.query({
      name: 'log',
      text: `INSERT INTO attempt (record_id, started_at, duration_ms, http_status, outcome, request, response)
        VALUES ($1, to_timestamp($2 / 1000.0), $3, $4, $5, $6, $7)`,
      values: [
        id,
        startedAt,
        Date.now() - startedAt,
        answer.statusCode,
        outcome,
        request,
        response,
      ],
    })
    if (!isAcked) throw new Error(`no Ack: ${answer.statusCode}`)
  }
}
