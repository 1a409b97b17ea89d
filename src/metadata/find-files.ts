import { readdir, readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type MetadataFile, metadataFileAt } from './files/metadata-file.ts'
import type { Report } from './problem.ts'

/** A file that a project consists of. */
export type FoundFile = MetadataFile & {
  /** Below the project's folder, forward slashes. */
  readonly file: string
}

/** The project's folder is not there or cannot be read: there is nothing to report about. */
export class ProjectFolderError extends Error {
  override readonly name = 'ProjectFolderError'
  readonly errorCode = 'PROJECT_FOLDER_MISSING'
}

const PROJECT_FILE = 'sfdx-project.json'
/** Folders inside each other; deeper ones are passed over. */
const FOLDER_DEPTH_MAX = 40

/**
 * Finds the metadata files of a project, sorted by path: in the package directories of `sfdx-project.json`,
 * or, without that file, everywhere below the folder. Hidden folders, `node_modules` and links are passed
 * over.
 */
export async function findFiles(folder: string, report: Report): Promise<readonly FoundFile[]> {
  const info = await stat(folder).catch(() => null)
  if (!info?.isDirectory()) {
    throw new ProjectFolderError(`expected a project's folder at ${folder}, found none`)
  }
  const found = new Map<string, FoundFile>()
  for (const start of await packageDirectories(folder, report)) {
    await walk({ folder, found }, resolve(folder, start), 0)
  }
  if (found.size === 0) {
    const message = `no metadata found in ${folder}: expected objects/, workflows/ … in it`
    report({ file: '.', line: 1 }, 'PROJECT_EMPTY', message)
  }
  return [...found.values()].sort((one, other) => (one.file < other.file ? -1 : 1))
}

async function packageDirectories(folder: string, report: Report): Promise<readonly string[]> {
  const text = await readFile(join(folder, PROJECT_FILE), 'utf8').catch(() => null)
  if (text === null) return ['.']
  const place = { file: PROJECT_FILE, line: 1 }
  const paths = readPackagePaths(text)
  if (paths === null) {
    const message = 'expected {"packageDirectories":[{"path":"…"}]}: every folder is read instead'
    report(place, 'PROJECT_FILE_INVALID', message)
    return ['.']
  }
  const inside: string[] = []
  for (const path of paths) {
    const complaint = await complaintAbout(folder, path)
    if (complaint === null) inside.push(path)
    else report(place, 'PACKAGE_DIRECTORY_MISSING', `package directory "${path}" ${complaint}`)
  }
  return inside
}

function readPackagePaths(text: string): readonly string[] | null {
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof content !== 'object' || content === null) return null
    const { packageDirectories } = content as { packageDirectories?: unknown }
    if (!Array.isArray(packageDirectories) || packageDirectories.length === 0) return null
    const paths = packageDirectories.map((entry: unknown) => {
      return typeof entry === 'object' && entry !== null ? (entry as { path?: unknown }).path : null
    })
    return paths.every((path) => typeof path === 'string') ? paths : null
  } catch {
    return null
  }
}

async function complaintAbout(folder: string, path: string): Promise<string | null> {
  const way = relative(folder, resolve(folder, path))
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    return 'lies outside of the project: it is not read'
  }
  const info = await stat(resolve(folder, path)).catch(() => null)
  return info?.isDirectory() ? null : 'is not there'
}

type Walk = { readonly folder: string; readonly found: Map<string, FoundFile> }

async function walk(state: Walk, directory: string, depth: number): Promise<void> {
  if (depth > FOLDER_DEPTH_MAX) return
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const below: Promise<void>[] = []
  for (const entry of entries) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && isRead(entry.name)) below.push(walk(state, path, depth + 1))
    if (entry.isFile()) take(state, path)
  }
  await Promise.all(below)
}

function isRead(directoryName: string): boolean {
  return !directoryName.startsWith('.') && directoryName !== 'node_modules'
}

function take({ folder, found }: Walk, path: string): void {
  const file = relative(folder, path).split(sep).join('/')
  const known = metadataFileAt(file)
  if (known) found.set(file, { ...known, file })
}
