import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes the folder and those above it. Node's own `recursive` never ends where a system forbids folders
 * without saying so, as below `/proc`: here the first that cannot be made throws.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!existsSync(path)) throw error // unless another process was quicker
  }
}
