// Before packing: builds dist/ and leaves the development runtime out of what is published. After: undoes it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = `${root}package.json`
const kept = `${root}package.json.kept`

if (process.argv[2] === 'before') {
  rmSync(`${root}dist`, { recursive: true, force: true })
  const tsc = `${root}node_modules/typescript/bin/tsc`
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(1)
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(kept, text)
  const {
    optionalDependencies: _,
    devDependencies: __,
    scripts: ___,
    ...published
  } = JSON.parse(text)
  // Whoever installs the package brings Node; the program asks for the version it needs.
  writeFileSync(
    manifest,
    `${JSON.stringify({ ...published, engines: { node: '>=24' } }, null, 2)}\n`,
  )
} else if (existsSync(kept)) {
  renameSync(kept, manifest)
  rmSync(`${root}dist`, { recursive: true, force: true })
}
