import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${folder}node_modules/.obm-installed`

/** Installs what OBM is measured beside, once for each lock file. False: the registry cannot be reached. */
export function installPeers(): boolean {
  const lock = createHash('sha256')
    .update(readFileSync(`${folder}package-lock.json`))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return true
  console.error('Installing the peers (once for their lock file)…')
  const args = ['ci', '--no-fund', '--no-audit', '--ignore-scripts', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) return false
  writeFileSync(stamp, lock)
  return true
}
