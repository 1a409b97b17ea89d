import type { CharTest } from './char-class.ts'
import { parsePattern } from './parse-pattern.ts'
import { PatternError, type PatternNode } from './pattern-node.ts'

/** A compiled regular expression. `matches` answers null when text and pattern are too long together. */
export type Pattern = { readonly matches: (text: string) => boolean | null }

export type CompiledPattern =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'invalid'; readonly message: string }

type Step =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'split'; readonly one: number; other: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'assert'; readonly holds: (text: readonly number[], at: number) => boolean }
  | { readonly kind: 'end' }

/** Longest pattern, in characters, and most steps it may unfold to: `(a{99}){99}` is refused. */
const PATTERN_LENGTH_MAX = 2000
const PATTERN_STEPS_MAX = 5000
/** Steps times characters: what one match may cost. */
const MATCH_COST_MAX = 5_000_000

/**
 * Compiles a regular expression in Java's syntax, without back references and look-around. It matches
 * the whole text, by following all ways at once: linear in the text, whatever the pattern.
 */
export function compilePattern(source: string): CompiledPattern {
  if (source.length > PATTERN_LENGTH_MAX) {
    const message = `the pattern has ${source.length} characters: at most ${PATTERN_LENGTH_MAX}`
    return { kind: 'invalid', message }
  }
  try {
    const steps: Step[] = []
    emit(parsePattern(source), steps)
    steps.push({ kind: 'end' })
    return { kind: 'pattern', pattern: { matches: (text) => run(steps, text) } }
  } catch (error) {
    if (error instanceof PatternError) return { kind: 'invalid', message: error.message }
    throw error
  }
}

function push(steps: Step[], step: Step): number {
  if (steps.length >= PATTERN_STEPS_MAX) throw new PatternError('the repetitions are too many')
  return steps.push(step) - 1
}

function emit(node: PatternNode, steps: Step[]): void {
  switch (node.kind) {
    case 'char':
      push(steps, { kind: 'char', test: node.test })
      break
    case 'assert':
      push(steps, { kind: 'assert', holds: node.holds })
      break
    case 'sequence':
      for (const each of node.nodes) emit(each, steps)
      break
    case 'choice':
      emitChoice(node.nodes, steps)
      break
    case 'repeat':
      emitRequired(node, steps)
      emitOptional(node, steps)
      break
  }
}

function emitRequired({ node, min }: PatternNode & { kind: 'repeat' }, steps: Step[]): void {
  for (let count = 0; count < min; count += 1) {
    const before = steps.length
    emit(node, steps)
    // Nothing a thousand times is nothing: `((){999}){999}` must not cost a million turns.
    if (steps.length === before) return
  }
}

function emitChoice(nodes: readonly PatternNode[], steps: Step[]): void {
  const jumps: { kind: 'jump'; to: number }[] = []
  for (const node of nodes.slice(0, -1)) {
    const split = { kind: 'split' as const, one: steps.length + 1, other: 0 }
    push(steps, split)
    emit(node, steps)
    const jump = { kind: 'jump' as const, to: 0 }
    push(steps, jump)
    jumps.push(jump)
    split.other = steps.length
  }
  const last = nodes.at(-1)
  if (last !== undefined) emit(last, steps)
  for (const jump of jumps) jump.to = steps.length
}

function emitOptional({ node, min, max }: PatternNode & { kind: 'repeat' }, steps: Step[]): void {
  if (max === null) {
    const split = { kind: 'split' as const, one: steps.length + 1, other: 0 }
    const start = push(steps, split)
    emit(node, steps)
    push(steps, { kind: 'jump', to: start })
    split.other = steps.length
    return
  }
  const splits = []
  for (let count = min; count < max; count += 1) {
    const split = { kind: 'split' as const, one: steps.length + 1, other: 0 }
    push(steps, split)
    splits.push(split)
    emit(node, steps)
  }
  for (const split of splits) split.other = steps.length
}

/** Follows every way at once: `current` holds the steps reached at a character, each only once. */
function run(steps: readonly Step[], source: string): boolean | null {
  if (source.length * steps.length > MATCH_COST_MAX) return null
  const text = Array.from(source, (char) => char.codePointAt(0) ?? 0)
  const seen = new Int32Array(steps.length).fill(-1)
  let current: number[] = []
  reach(steps, [0], { text, at: 0, seen, into: current })
  for (let at = 0; at < text.length; at += 1) {
    const next: number[] = []
    for (const index of current) {
      const step = steps[index]!
      if (step.kind === 'char' && step.test(text[at]!)) {
        reach(steps, [index + 1], { text, at: at + 1, seen, into: next })
      }
    }
    if (next.length === 0) return false
    current = next
  }
  return current.some((index) => steps[index]!.kind === 'end')
}

type Reached = {
  readonly text: readonly number[]
  readonly at: number
  /** The position at which each step was last reached. */
  readonly seen: Int32Array
  readonly into: number[]
}

function reach(steps: readonly Step[], waiting: number[], { text, at, seen, into }: Reached): void {
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (seen[index] === at) continue
    seen[index] = at
    const step = steps[index]!
    switch (step.kind) {
      case 'split':
        waiting.push(step.other, step.one)
        break
      case 'jump':
        waiting.push(step.to)
        break
      case 'assert':
        if (step.holds(text, at)) waiting.push(index + 1)
        break
      default:
        into.push(index)
    }
  }
}
