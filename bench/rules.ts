// How many rules in the mix of real projects are evaluated in a second on one core, how long do 2,000 of them take to
// load, and what memory do they hold? Aims: 200,000 criteria rules/s, 100,000 formula rules/s, 1 s.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readProject } from '../src/metadata/read-project.ts'
import type { CompiledRule } from '../src/rules/compile-rule.ts'
import { type CompiledRules, compileRules } from '../src/rules/compile-rules.ts'
import { ruleFires } from '../src/rules/evaluate-rule.ts'

import type { WorkflowRule } from '../src/rules/workflow-rule.ts'
import { ANNA, fireContext, KIND, objects, recordOf, thing } from '../test/support/rules-org.ts'
import { metadataXml } from '../test/support/temporary-project.ts'
import { printTable, spread } from './support/figures.ts'
import { type Form, readForm } from './support/form.ts'
import { interleave } from './support/rounds.ts'
import { typicalRules } from './support/typical-rules.ts'

const EVALUATED = 400
const LOADED = 2000

const parent = recordOf('Parent__c', 4, { Name: 'Boss', Limit__c: '3' })
const fields = {
  Stage__c: 'New',
  Amount__c: '1234.5',
  Text__c: 'this is urgent',
  Check__c: true,
  Date__c: '2026-02-01',
  Moment__c: '2026-02-01T10:00:00.000Z',
  Number__c: '7',
  Colors__c: 'A;B',
  Parent__c: parent.recordId,
  OwnerId: ANNA.recordId,
  RecordTypeId: KIND.recordId,
}
const change = { before: thing({ ...fields, Stage__c: 'HOT' }), after: thing(fields) }
const profile = recordOf('Profile', 1, { Name: 'Sales' })
const base = fireContext([parent])
const context = {
  ...base,
  user: { ...base.user, record: ANNA, profile },
  setup: (name: string) => (name === 'Limits__c' ? { Max__c: '9' } : undefined),
}

function compiled(rules: readonly WorkflowRule[]): CompiledRules {
  const made = compileRules({
    rules,
    fieldUpdates: [],
    tasks: [],
    alertKeys: [],
    outboundMessageKeys: [],
    objects,
    settings: { locale: 'en_US' },
  })
  const broken = made.outcomes.filter(({ kind }) => kind === 'broken')
  if (broken.length > 0) throw new Error(JSON.stringify(made.problems))
  return made
}

type Variant = {
  readonly kind: string
  readonly aim: number
  readonly rules: readonly CompiledRule[]
}

function rate(rules: readonly CompiledRule[], form: Form): number {
  const startedAt = performance.now()
  let count = 0
  while (performance.now() - startedAt < form.pick(500, 100)) {
    for (const rule of rules) ruleFires(rule, change, context)
    count += rules.length
  }
  return (count / (performance.now() - startedAt)) * 1000
}

const form = readForm()
const variants: readonly Variant[] = (['criteria', 'formula'] as const).map((kind) => ({
  kind,
  aim: kind === 'criteria' ? 200_000 : 100_000,
  rules: compiled(typicalRules(EVALUATED, { kind })).forObject('Thing__c'),
}))
const evaluated = await interleave(form, variants, ({ rules }) => ({ rate: rate(rules, form) }))

printTable(
  ['rules', 'rules/s', 'aim'],
  evaluated.map(({ variant: { kind, aim }, samples }) => [
    kind,
    spread(samples.map((sample) => sample.rate)),
    aim.toLocaleString('en-US'),
  ]),
)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

const folder = mkdtempSync(join(tmpdir(), 'obm-rules-'))
const typical = typicalRules(LOADED, { kind: 'both', seed: 7 })
writeFileSync(
  join(folder, 'Thing__c.workflow'),
  metadataXml('Workflow', typical.map(xmlOf).join('\n')),
)
const kept: CompiledRules[] = []
const loaded = await interleave(form, [LOADED], async () => {
  const startedAt = performance.now()
  const { rules } = await readProject(folder)
  const readMs = performance.now() - startedAt
  const before = heapBytes()
  const compiledAt = performance.now()
  kept[0] = compiled(rules)
  const compileMs = performance.now() - compiledAt
  const memoryMb = (heapBytes() - before) / 1024 / 1024
  kept.length = 0
  return { readMs, compileMs, memoryMb }
})
rmSync(folder, { recursive: true, force: true })

console.log()
printTable(
  ['rules', 'files read ms', 'compiled ms', 'memory of the compiled MB', 'aim'],
  loaded.map(({ variant, samples }) => [
    variant.toLocaleString('en-US'),
    spread(samples.map(({ readMs }) => readMs)),
    spread(samples.map(({ compileMs }) => compileMs)),
    spread(samples.map(({ memoryMb }) => memoryMb)),
    '1,000 ms in all',
  ]),
)

function xmlOf(rule: WorkflowRule): string {
  const items = rule.criteriaItems.map(({ field, operation, value }) => {
    return `<criteriaItems><field>${field}</field><operation>${operation}</operation><value>${escaped(value)}</value></criteriaItems>`
  })
  const filter = rule.booleanFilter ? `<booleanFilter>${rule.booleanFilter}</booleanFilter>` : ''
  const formula = rule.formula ? `<formula>${escaped(rule.formula)}</formula>` : ''
  return `<rules><fullName>${rule.fullName}</fullName><active>true</active>${filter}${items.join('')}${formula}<triggerType>${rule.triggerType}</triggerType></rules>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
