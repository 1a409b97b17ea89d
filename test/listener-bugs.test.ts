import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

test('each bug in docs/listener-bugs.md is held by the test that is named there', () => {
  const page = readFileSync(`${root}docs/listener-bugs.md`, 'utf8')
  const rows = [...page.matchAll(/^\| .+ \| `([^`]+)`: (.+) \|$/gm)]
  assert.ok(rows.length >= 21, `expected a row for each bug, found ${rows.length}`)
  for (const [, file = '', name = ''] of rows) {
    assert.ok(existsSync(root + file), `${file} is not there`)
    assert.ok(readFileSync(root + file, 'utf8').includes(name), `${file} has no test “${name}”`)
  }
})
