import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** What looks like one of our codes and is none: other people's names, each with whose it is. */
const NO_CODES = [
  /^OBM_/, // variables of the environment
  /^LC_ALL$/, // a variable that jobs get
  /^UND_ERR_/, // undici's
  /^(EAI_AGAIN|ERR_TLS_CERT_ALTNAME_INVALID|CERT_\w+|UNABLE_TO_(GET|VERIFY)_\w+)$/, // Node's and OpenSSL's
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_PURPOSE|ERR_SSL_\w+)$/,
  /^(VALUE_\w+|START_(ARRAY|OBJECT))$/, // JSON tokens as Salesforce's messages name them
  /^(WF_\w+|FLOW_\w+_LOG|SAVE_(FIELD|REFUSED)|CODE_UNIT_(STARTED|FINISHED))$/, // events of a debug log
  /^ON_(CREATE_ONLY|ALL_CHANGES|CREATE_OR_TRIGGERING_UPDATE|RECURSIVE_UPDATE)$/, // evaluation criteria in it
  /^VALIDATION_(RULE|FORMULA|PASS|FAIL|ERROR)$/,
  /^DATE_(N_)?LITERAL$/, // the SOQL parser's
]
const NO_CODES_BUT = ['VALUE_SET_MISSING']

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(`${root}${file}`, 'utf8'))
const page = readFileSync(`${root}docs/errors.md`, 'utf8')

test('every error code in the code has a place in docs/errors.md', () => {
  const literals = sources.flatMap(
    (text) => text.match(/(?<=')[A-Z][A-Z0-9]+(_[A-Z0-9]+)+(?=')/g) ?? [],
  )
  const missing = [...new Set(literals)].filter(
    (code) => (!isOthers(code) || NO_CODES_BUT.includes(code)) && !page.includes(`\`${code}\``),
  )

  assert.deepEqual(missing, [])
})

test('every code in docs/errors.md is in the code', () => {
  const told = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, code = '']) => code)
  const code = sources.join('\n')

  assert.ok(told.length > 150)
  assert.deepEqual(
    told.filter((each) => !code.includes(`'${each}'`)),
    [],
  )
})

function isOthers(name: string): boolean {
  return NO_CODES.some((pattern) => pattern.test(name))
}
