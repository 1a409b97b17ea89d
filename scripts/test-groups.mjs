import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** So many files share a process: starting one and loading what they all load costs more than most of them do. */
const FILES_MAX = 12

/** So many of those that start whole houses: they wait much, and what waits should wait beside others. */
const JOURNEYS_MAX = 3

// No test starts before all are known: the runner ends the process when all that it knows are over.
const HEAD = `import { before, test } from 'node:test'
const allKnown = Promise.withResolvers()
before(() => allKnown.promise)
const fails = (file, error) => void test(file, () => { throw error })
const load = (file, url) => import(url).catch((error) => fails(file, error))
`

/**
 * Puts neighbouring test files into one file that imports them one after the other, and answers these, longest first.
 * Node's runner still names the file and line of each test that fails.
 */
export function groupTests(files, folder) {
  const journeys = files.filter((file) => !file.startsWith('src/'))
  const others = files.filter((file) => file.startsWith('src/'))
  const groups = [...chunks(journeys, JOURNEYS_MAX), ...chunks(others, FILES_MAX)]
  return groups.map((group, index) => {
    const name = `${String(index + 1).padStart(2, '0')}-${group[0].replace(/\.test\.ts$/, '').replaceAll('/', '-')}`
    const path = join(folder, `${name}-and-${group.length - 1}-more.test.mjs`)
    const loads = group.map((file) => {
      const url = pathToFileURL(resolve(file)).href
      return `await load(${JSON.stringify(file)}, ${JSON.stringify(url)})\n`
    })
    writeFileSync(path, [HEAD, ...loads, 'allKnown.resolve()\n'].join(''))
    return path
  })
}

function chunks(files, max) {
  const count = Math.ceil(files.length / max)
  return Array.from({ length: count }, (_, index) =>
    files.slice(
      Math.round((index * files.length) / count),
      Math.round(((index + 1) * files.length) / count),
    ),
  )
}
