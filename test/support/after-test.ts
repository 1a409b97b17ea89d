import type { TestContext } from 'node:test'

type CleanUp = () => unknown

const cleanUps = new WeakMap<TestContext, CleanUp[]>()

/**
 * Cleans up when the test is over, what was opened last first: a house is stopped before its store closes and the
 * store's folder goes. (`t.after` alone goes in the order of its calls.) One that fails keeps no other from its turn.
 */
export function afterTest(t: TestContext, cleanUp: CleanUp): void {
  const known = cleanUps.get(t)
  if (known) {
    known.push(cleanUp)
    return
  }
  const stack = [cleanUp]
  cleanUps.set(t, stack)
  t.after(async () => {
    const errors: unknown[] = []
    for (let next = stack.pop(); next; next = stack.pop()) {
      try {
        await next()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
  })
}
