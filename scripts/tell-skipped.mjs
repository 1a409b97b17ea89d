import { relative } from 'node:path'

/** A reporter of Node's test runner: says at the end which tests were skipped and why, and nothing else. */
export default async function* tellSkipped(events) {
  const skipped = []
  for await (const { type, data } of events) {
    if (type !== 'test:pass' || data.skip === undefined) continue
    const why = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason is given'
    skipped.push(`  ${data.name} (${relative(process.cwd(), data.file ?? '')}): ${why}\n`)
  }
  if (skipped.length > 0) yield `\nSkipped:\n${skipped.join('')}`
}
