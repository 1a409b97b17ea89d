import { type FSWatcher, watch } from 'node:fs'
import { metadataFileAt } from './files/metadata-file.ts'

const SETTINGS_FILES: ReadonlySet<string> = new Set(['obm.config.json', 'sfdx-project.json'])

/**
 * Calls `onChange` once after metadata files or settings below `folder` have changed and `debounceMs` went
 * by without another change. What `onChange` throws, and errors of the watching itself, go to `onError`;
 * the watching goes on.
 */
export function watchProject(
  folder: string,
  onChange: () => void | Promise<void>,
  {
    debounceMs = 100,
    onError = () => {},
  }: { debounceMs?: number; onError?: (error: unknown) => void } = {},
): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  const tell = async () => {
    try {
      await onChange()
    } catch (error) {
      onError(error)
    }
  }
  const watcher: FSWatcher = watch(folder, { recursive: true }, (_event, name) => {
    if (name !== null && !concernsProject(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => void tell(), debounceMs)
  })
  watcher.on('error', onError)
  return {
    close: () => {
      clearTimeout(timer)
      watcher.close()
    },
  }
}

/** Metadata and settings files; a folder, too, for it may come or go with files in it. */
function concernsProject(name: string): boolean {
  const path = name.replaceAll('\\', '/')
  const parts = path.split('/')
  if (parts.some((part) => part.startsWith('.') || part === 'node_modules')) return false
  const last = parts.at(-1) ?? ''
  return SETTINGS_FILES.has(last) || metadataFileAt(path) !== null || !last.includes('.')
}
