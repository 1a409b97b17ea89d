import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { afterTest } from './after-test.ts'

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata'

/** A metadata file: its root element with what is in it. */
export function metadataXml(root: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">\n${content}\n</${root}>\n`
}

/** `sfdx-project.json` with these package directories. */
export function projectJson(...paths: readonly string[]): string {
  return JSON.stringify({ packageDirectories: paths.map((path) => ({ path })), namespace: '' })
}

/** Writes files (path → text or bytes) into a new temporary folder that goes when the test ends. */
export async function temporaryProject(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'obm-project-'))
  afterTest(t, () => rm(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}
