import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStores } from '../../src/store/open-store.ts'
import { jobConfig } from '../../test/support/receiving.ts'
import { JOB_CONFIG_ID, MESSAGE_FIELDS } from './bench-project.ts'
import { temporaryFolder } from './bench-stores.ts'
import { startChild } from './child.ts'
import { MESSAGE_OBJECT, messageWsdl } from './message-wsdl.ts'

/** Who takes the load besides OBM. */
export type SoapServer = { readonly url: string; readonly pid: number }

/**
 * A gSOAP server made here and now from our own WSDL: it commits in groups to OBM's own tables in an SQLite file, as durably
 * as OBM. A sentence where it cannot be made: what is not installed, or does not compile.
 */
export async function startGsoap(scope: AsyncDisposableStack): Promise<SoapServer | string> {
  const folder = temporaryFolder(scope)
  const failure = compile(folder)
  if (failure !== null) return failure
  const database = join(folder, 'gsoap.db')
  const stores = await openStores(`sqlite:${database}`, { secretKey: Buffer.alloc(32) })
  await stores.jobs.writeConfig(jobConfig({ jobConfigId: JOB_CONFIG_ID }))
  await stores.close()
  const child = spawn(join(folder, 'server'), [JOB_CONFIG_ID, database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  scope.defer(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const [port] = await Promise.race([once(child.stdout, 'data'), gone])
  return { url: `http://127.0.0.1:${Number(String(port))}`, pid: child.pid ?? 0 }
}

/** Null: it is compiled. */
function compile(folder: string): string | null {
  writeFileSync(join(folder, 'outbound.wsdl'), messageWsdl())
  const fields = MESSAGE_FIELDS.toSorted().map(
    (name) => `X("${name}", ${name.replaceAll('_', '_USCORE')})`,
  )
  writeFileSync(
    join(folder, 'fields.h'),
    `#define OBJECT_NAME "${MESSAGE_OBJECT}"\n#define FIELDS(X) ${fields.join(' ')}\n`,
  )
  const source = fileURLToPath(new URL('../peers/gsoap/server.c', import.meta.url))
  for (const [program = '', ...args] of [
    ['wsdl2h', '-c', '-s', '-o', 'outbound.h', 'outbound.wsdl'],
    ['soapcpp2', '-c', '-S', '-x', '-L', 'outbound.h'],
    [
      'gcc',
      '-O2',
      '-I.',
      '-o',
      'server',
      source,
      'soapC.c',
      'soapServer.c',
      '-lgsoap',
      '-lsqlite3',
      '-lpthread',
    ],
  ]) {
    const { error, status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    if (error) return `${program} is not installed (Debian: gcc gsoap libgsoap-dev libsqlite3-dev)`
    if (status !== 0) return `${program} failed:\n${stderr.slice(0, 2000)}`
  }
  return null
}

/** node-soap's server made from the same WSDL. It acknowledges, and keeps nothing. */
export async function startNodeSoap(scope: AsyncDisposableStack): Promise<SoapServer> {
  const file = join(temporaryFolder(scope), 'outbound.wsdl')
  writeFileSync(file, messageWsdl())
  const child = startChild<{ wsdlFile: string; path: string }, { url: string }>(
    scope,
    '../peers/node-soap-server-main.mjs',
  )
  const path = `/v2/api/jobconfigs/${JOB_CONFIG_ID}/sfdc/obm`
  const { url } = await child.ask({ wsdlFile: file, path })
  return { url, pid: child.pid }
}
