import { type Scenario, TROUBLES, type Trouble } from './scenario.ts'
import { simulate } from './simulate.ts'

/** Leaves out of a failing scenario what the failure does not need: the same promise must break. */
export async function shrink(scenario: Scenario, promise: string): Promise<Scenario> {
  let least = scenario
  for (const trouble of TROUBLES) {
    if (least.without.has(trouble)) continue
    const tried: Scenario = { ...least, without: new Set([...least.without, trouble]) }
    const { broken } = await simulate(tried)
    if (broken?.promise === promise) least = tried
  }
  return least
}

/** How to run it alone. */
export function commandOf({ seed, without }: Scenario): string {
  const left = [...without].join(',')
  return `npm run test:simulation -- --seed=${seed}${left === '' ? '' : ` --without=${left}`}`
}

/** Reads `kills,holds`. */
export function readTroubles(text: string): ReadonlySet<Trouble> {
  const names = text.split(',').filter((each) => each !== '')
  return new Set(
    names.map((name) => {
      const trouble = TROUBLES.find((each) => each === name)
      if (!trouble)
        throw new Error(`--without: expected some of ${TROUBLES.join(', ')}, found ${name}`)
      return trouble
    }),
  )
}
