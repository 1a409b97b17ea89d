import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const OBM = fileURLToPath(new URL('../../bin/obm', import.meta.url))

/** Runs the command line against a house, and answers what it printed. */
export async function runObm(
  { url, token }: { readonly url: string; readonly token: string },
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const child = spawn(process.execPath, [OBM, ...args, '--url', url, '--token', token])
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: code as number, out, error }
}
