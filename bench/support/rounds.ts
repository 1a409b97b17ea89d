import type { Form } from './form.ts'

/** The figures of one round of one variant, by name. */
export type Sample<K extends string> = Readonly<Record<K, number>>

/** What was measured of a variant, a sample a round. */
export type Measured<V, K extends string> = {
  readonly variant: V
  readonly samples: readonly Sample<K>[]
}

/**
 * Measures every variant once a round, one after the other, so that whatever else the machine does meets all of
 * them. In the full form a first round warms up and does not count.
 */
export async function interleave<V, K extends string>(
  form: Form,
  variants: readonly V[],
  measure: (variant: V) => Promise<Sample<K>> | Sample<K>,
): Promise<readonly Measured<V, K>[]> {
  const measured = variants.map((variant) => ({ variant, samples: [] as Sample<K>[] }))
  const warmUps = form.isQuick ? 0 : 1
  for (let round = 0; round < warmUps + form.rounds; round += 1) {
    for (const { variant, samples } of measured) {
      const sample = await measure(variant)
      if (round >= warmUps) samples.push(sample)
    }
  }
  return measured
}
