import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONFIG_FILE, readProjectConfig } from '../src/config/project-config.ts'
import { temporaryFolder } from './support/stores.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/configuration.md`, 'utf8')
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(`${root}${file}`, 'utf8'))
  .join('\n')

/** What jobs and tests are given, and what a variable's name begins with. */
const NOT_OURS_TO_SET = /^OBM_(RUN_ID|JOB_CONFIG_ID|MESSAGE_NAME|PROPERTY_|TEST_\w+|)$/

test('every variable that the program reads is on the page, and every one on the page is read', () => {
  const names = (text: string) =>
    [...new Set(text.match(/\bOBM_[A-Z_]*\b/g))].filter((name) => !NOT_OURS_TO_SET.test(name))

  assert.deepEqual(
    names(sources).filter((name) => !page.includes(name)),
    [],
  )
  assert.deepEqual(
    names(page).filter((name) => !sources.includes(name)),
    [],
  )
})

test('every setting of obm.config.json that the program reads is on the page', (t) => {
  const folder = temporaryFolder(t)
  /** The names that may stand where `nonsense` does: the reader tells them when it refuses it. */
  const namesAt = (config: object): readonly string[] => {
    writeFileSync(join(folder, CONFIG_FILE), JSON.stringify(config))
    try {
      readProjectConfig(folder)
    } catch (error) {
      const told = /here may stand (.*)$/.exec((error as Error).message)?.[1]
      if (told !== undefined) return told.split(', ')
      throw error
    }
    assert.fail(`nothing refuses ${JSON.stringify(config)}`)
  }
  const nonsense = 1
  const job = { id: 'a', command: ['true'] }
  const top = namesAt({ nonsense })
  const places: readonly object[] = [
    ...top
      .filter((name) => !['data', 'traces', 'endpoints', 'jobConfigs', 'fieldLists'].includes(name))
      .map((name) => ({ [name]: { nonsense } })),
    { delivery: { retry: { nonsense } } },
    { delivery: { breaker: { nonsense } } },
    { org: { rules: { nonsense } } },
    { jobConfigs: [{ ...job, nonsense }] },
    { jobConfigs: [{ ...job, authentication: { nonsense } }] },
  ]
  const names = new Set([...top, ...places.flatMap(namesAt)])

  assert.ok(names.size > 50, `${names.size} names`)
  assert.deepEqual(
    [...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(page)),
    [],
  )
})
