import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The floor plan. A room may use the rooms named after it, and no others. */
const FLOOR_PLAN: Record<string, string> = {
  base: '',
  schema: 'base',
  egress: 'base',
  health: 'base',
  wire: 'base schema',
  rules: 'base schema',
  outbox: 'base schema',
  mail: 'base schema egress',
  jobs: 'base schema egress wire',
  metadata: 'base schema rules outbox mail jobs',
  org: 'base schema rules outbox mail',
  sender: 'base schema egress outbox wire',
  inbox: 'base schema egress wire jobs',
  story: 'base schema health rules outbox mail jobs org sender inbox',
  store: 'base schema egress health wire rules outbox mail jobs metadata org sender inbox story',
  web: 'base schema egress health wire rules outbox mail jobs metadata org sender inbox story',
}

/** Of the other rooms these take ports and types, `import type`, and nothing that runs. */
const TYPES_ONLY = ['story', 'store']

const FILE_LINES_MAX = 300
const TEST_LINES_MAX = 400
const FOLDER_FILES_MAX = 12
const LINE_LENGTH_MAX = 130

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'))
const isTest = (file: string) => file.endsWith('.test.ts')

for (const [room, usable] of Object.entries(FLOOR_PLAN)) {
  test(`${room} uses only: ${usable || 'nothing'}`, () => {
    const allowed = [room, ...usable.split(' ')]
    for (const { file, room: used, typeOnly } of importsOf(room)) {
      assert.ok(allowed.includes(used), `${file} imports from ${used}`)
      const mayRun = !TYPES_ONLY.includes(room) || [room, 'base', 'schema'].includes(used)
      assert.ok(typeOnly || mayRun, `${file} imports what runs in ${used}`)
    }
  })
}

test('every room is on the floor plan', () => {
  const rooms = new Set(sources.map(roomOf))
  const known = [...Object.keys(FLOOR_PLAN), 'cli', 'house', 'config', '']
  assert.deepEqual(
    [...rooms].filter((room) => !known.includes(room)),
    [],
  )
})

test('a file can be taken in at a sitting', () => {
  const all = [...sources, ...globSync('test/**/*.ts', { cwd: root })]
  for (const file of all) {
    const count = textOf(file).split('\n').length
    const max = isTest(file) || file.startsWith('test') ? TEST_LINES_MAX : FILE_LINES_MAX
    assert.ok(count <= max, `${file} has ${count} lines, ${max} at most`)
  }
})

test('a folder holds few files', () => {
  const counts = new Map<string, number>()
  for (const file of sources.filter((each) => !isTest(each))) {
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  }
  for (const [folder, count] of counts) {
    assert.ok(
      count <= FOLDER_FILES_MAX,
      `${folder} has ${count} files, ${FOLDER_FILES_MAX} at most`,
    )
  }
})

test('no line runs out of sight', () => {
  for (const file of sources.filter((each) => !isTest(each))) {
    for (const [index, line] of textOf(file).split('\n').entries()) {
      const isText = /['"`]/.test(line) // a long message or statement stays in one piece
      assert.ok(
        isText || line.length <= LINE_LENGTH_MAX,
        `${file}:${index + 1} is ${line.length} long`,
      )
    }
  }
})

test('nothing is exported that nobody uses, and no dependency is kept that nobody imports', () => {
  const everything = [
    ...sources,
    ...globSync(['test/**/*.ts', 'bench/**/*.ts', 'scripts/*.mjs', 'bin/obm'], { cwd: root }),
  ]
  const texts = new Map(everything.map((file) => [file, textOf(file)]))
  const uses = new Map<string, number>()
  for (const text of texts.values()) {
    for (const [word] of text.matchAll(/\w+/g)) uses.set(word, (uses.get(word) ?? 0) + 1)
  }
  const unused: string[] = []
  for (const file of sources.filter((each) => !isTest(each))) {
    const exported = /^export (?:async )?(?:function\*?|const|class|type) (\w+)/gm
    for (const [, name = ''] of (texts.get(file) ?? '').matchAll(exported)) {
      if (uses.get(name) === 1) unused.push(`${file}: ${name}`)
    }
  }
  assert.deepEqual(unused, [])

  const manifest = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> }
  const all = [...texts.values()].join('\n')
  const idle = Object.keys(manifest.dependencies).filter((name) => !all.includes(`'${name}'`))
  assert.deepEqual(idle, [])
})

type Import = { readonly file: string; readonly room: string; readonly typeOnly: boolean }

/** The relative imports of a room's own files, tests aside. */
function importsOf(room: string): readonly Import[] {
  const files = sources.filter((file) => roomOf(file) === room && !isTest(file))
  return files.flatMap((file) =>
    [...textOf(file).matchAll(/^(import|export)\s+(type\s+)?([^'";]*?from\s+)?'(\.[^']+)'/gm)].map(
      ([, , type, names = '', path = '']) => {
        const target = posix.normalize(posix.join(posix.dirname(file), path))
        const inner = /\{([\s\S]*)\}/.exec(names)?.[1]
        const allTypes = inner
          ?.split(',')
          .every((name) => name.trim() === '' || /^\s*type\s/.test(name))
        return { file, room: roomOf(target), typeOnly: type !== undefined || allTypes === true }
      },
    ),
  )
}

function roomOf(file: string): string {
  const parts = file.split('/')
  return parts.length > 2 ? (parts[1] ?? '') : basename(file) === file ? '' : ''
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
