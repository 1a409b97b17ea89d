import type { Clock, Instant } from '../../src/base/clock.ts'
import { NOON } from '../support/test-clock.ts'
import { hostAtWork } from './host.ts'

/** Time that passes only from one event to the next, in the order of instants and then of asking. */
export type VirtualTime = {
  readonly clock: Clock
  now(): Instant
  /** Counts the events that have happened: tells before and after within one instant. */
  step(): number
  /** Makes it happen after so long. Answers how to call it off. */
  after(ms: number, happen: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Lets everything happen until the instant, calling `between` after each event. */
  runUntil(end: Instant, between: () => void): Promise<void>
  /**
   * Replaces the timers of this process by ones that go by this time, and that end with the host which set
   * them. Answers how to put them back.
   */
  install(): () => void
}

type Happening = { readonly at: Instant; readonly serial: number; readonly happen: () => void }

/** Opens a time that starts at noon, with nothing to come. */
export function openVirtualTime(): VirtualTime {
  const realImmediate = setImmediate
  const heap: Happening[] = []
  const calledOff = new Set<number>()
  let time: Instant = NOON
  let steps = 0
  let serial = 0

  const after: VirtualTime['after'] = (ms, happen) => {
    serial += 1
    const mine = serial
    push(heap, { at: time + Math.max(0, Math.ceil(ms)), serial: mine, happen })
    return () => void calledOff.add(mine)
  }
  /** The next that is not called off and not after `end`. */
  const next = (end: Instant): Happening | null => {
    for (;;) {
      const first = heap[0]
      if (!first || first.at > end) return null
      pop(heap)
      if (!calledOff.delete(first.serial)) return first
    }
  }
  return {
    clock: { now: () => time, real: () => time },
    now: () => time,
    step: () => steps,
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    runUntil: async (end, between) => {
      for (let first = next(end); first; first = next(end)) {
        time = first.at
        steps += 1
        first.happen()
        // All that follows from it at once, promise by promise, has run when the macrotask comes.
        await new Promise<void>((resolve) => realImmediate(resolve))
        between()
      }
      time = end
    },
    install: () => installTimers(after),
  }
}

type TimerHandle = { ref(): TimerHandle; unref(): TimerHandle; readonly callOff: () => void }

function installTimers(after: VirtualTime['after']): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis
  const handleOf = (callOff: () => void): TimerHandle => {
    const handle: TimerHandle = { ref: () => handle, unref: () => handle, callOff }
    return handle
  }
  const once = (happen: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const host = hostAtWork()
    return handleOf(after(ms, () => host?.isAlive !== false && happen(...args)))
  }
  const often = (happen: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const host = hostAtWork()
    let callOff = () => {}
    const again = () => {
      callOff = after(ms, () => {
        if (host?.isAlive === false) return
        again()
        happen(...args)
      })
    }
    again()
    return handleOf(() => callOff())
  }
  // Tests share a process: what another left behind may still end a timer that it made of the real ones.
  const clear = (handle?: TimerHandle | NodeJS.Timeout) =>
    handle && 'callOff' in handle ? handle.callOff() : clearTimeout(handle)
  Object.assign(globalThis, {
    setTimeout: once,
    clearTimeout: clear,
    setInterval: often,
    clearInterval: clear,
    setImmediate: (happen: () => void, ...args: unknown[]) => once(happen, 0, ...args),
  })
  return () =>
    void Object.assign(globalThis, {
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
      setImmediate,
    })
}

function isBefore(one: Happening | undefined, other: Happening | undefined): boolean {
  if (!one || !other) return other === undefined
  return one.at < other.at || (one.at === other.at && one.serial < other.serial)
}

function push(heap: Happening[], added: Happening): void {
  heap.push(added)
  let place = heap.length - 1
  while (place > 0) {
    const parent = (place - 1) >> 1
    if (!isBefore(heap[place], heap[parent])) return
    swap(heap, place, parent)
    place = parent
  }
}

function pop(heap: Happening[]): void {
  const last = heap.pop()
  if (heap.length === 0 || !last) return
  heap[0] = last
  for (let place = 0; ; ) {
    const left = 2 * place + 1
    const least = isBefore(heap[left], heap[left + 1]) ? left : left + 1
    if (left >= heap.length || !isBefore(heap[least], heap[place])) return
    swap(heap, place, least)
    place = least
  }
}

function swap(heap: Happening[], one: number, other: number): void {
  const kept = heap[one] as Happening
  heap[one] = heap[other] as Happening
  heap[other] = kept
}
