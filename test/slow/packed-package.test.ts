import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { startDev } from '../support/start-program.ts'
import { temporaryFolder } from '../support/stores.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKED_FROM = ['bin', 'examples', 'scripts', 'src', 'package.json', 'README.md', 'LICENSE']

const run = promisify(execFile)

/** npm under the Node of this test, without what an npm that started the test says of its own folder. */
function npm(folder: string, ...args: readonly string[]) {
  const outer = /^npm_(?!config_)|^npm_config_(local_|global_)?prefix$|^NODE_OPTIONS$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
  env['PATH'] = `${dirname(process.execPath)}:${process.env['PATH']}`
  return run('npm', [...args, '--no-fund', '--no-audit', '--loglevel=error'], { cwd: folder, env })
}

test('the packed package, installed into an empty folder, delivers a message', async (t) => {
  // In a copy: packing writes into the folder it packs.
  const folder = temporaryFolder(t)
  const copy = join(folder, 'repository')
  mkdirSync(copy)
  const known = new Set(readdirSync(ROOT))
  for (const name of [...PACKED_FROM, ...readdirSync(ROOT).filter(isConfig)]) {
    if (known.has(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const data = join(copy, 'examples/accounts-to-datacloud/.obm')
  mkdirSync(data)
  writeFileSync(join(data, 'secret.key'), 'left by npm start')

  const manifest = readFileSync(join(copy, 'package.json'), 'utf8')
  await npm(copy, 'pack', '--pack-destination', folder)
  assert.equal(readFileSync(join(copy, 'package.json'), 'utf8'), manifest) // as it was before
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? assert.fail()
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await npm(empty, 'install', '--prefer-offline', join(folder, tarball))
  const installed = join(empty, 'node_modules/obm')
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
  const surplus = files.filter((name) => /\.obm(\/|$)|\.test\.|^src|^test|\.tsbuildinfo/.test(name))
  assert.deepEqual(surplus, [])
  assert.ok(files.includes('examples/accounts-to-datacloud/obm.config.json'))

  const endpoint = await openEndpoint(t, ['Ack true'])
  const project = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
  const program = join(empty, 'node_modules/.bin/obm')
  const { client } = await startDev(t, [project, '--port', '0'], { program, folder: empty })
  const id = await client.createAccount({ Name: 'From a package' })
  await endpoint.receivedCount(1)
  assert.deepEqual(endpoint.received[0]?.recordIds, [id])
})

function isConfig(name: string): boolean {
  return /^tsconfig.*\.json$|^\.npmignore$|^\.gitignore$/.test(name)
}

function filter(path: string): boolean {
  return !path.endsWith('/.obm')
}
