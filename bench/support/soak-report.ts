import { printTable } from './figures.ts'
import type { Gauge } from './soak-gauges.ts'

/** The gauges at a moment of the run, and the records saved until then. */
export type Sample = Gauge & { readonly minute: number; readonly saved: number }

/** A third of the run warms up: memory fills its caches, tables reach the age at which rows end. */
const WARM_UP = 1 / 3
/** By so much of its mean a gauge may grow from the warm-up to the end, on the fitted line, and count as flat. */
const GROWTH_MAX = 0.1
/** And by so much in itself, where the mean is small. */
const SLACK: Readonly<Record<string, number>> = { 'RSS MB': 16, 'open files': 8, 'WAL MB': 48 }

const GAUGES: readonly (readonly [string, (sample: Sample) => number])[] = [
  ['RSS MB', ({ rssMb }) => rssMb],
  ['open files', ({ files }) => files],
  ['store MB', ({ storeMb }) => storeMb],
  ['WAL MB', ({ walMb }) => walMb],
  ['attempts', ({ rows }) => rows.attempt],
  ['attempt notifications', ({ rows }) => rows.attempt_notification],
  ['traces', ({ rows }) => rows.trace],
]

/** Prints the run as a table in Markdown: at most a dozen moments. */
export function printSoak(samples: readonly Sample[]): void {
  const every = Math.ceil(samples.length / 12)
  const shown = samples.filter((_, index) => (samples.length - 1 - index) % every === 0)
  printTable(
    ['minute', 'saved', 'waiting', 'oldest ms', ...GAUGES.map(([name]) => name)],
    shown.map((sample) => [
      sample.minute.toFixed(1),
      String(sample.saved),
      String(sample.waiting),
      String(Math.round(sample.oldestMs)),
      ...GAUGES.map(([, gauge]) => Math.round(gauge(sample)).toLocaleString('en')),
    ]),
  )
}

/** The retention looks once a minute: in a shorter run its teeth are all that would be seen. */
export const JUDGED_FROM_MINUTES = 10

/** What grows, each as a sentence; none when all is flat, or the run was too short to tell. */
export function judge(samples: readonly Sample[]): readonly string[] {
  const end = samples.at(-1)?.minute ?? 0
  if (end < JUDGED_FROM_MINUTES) return []
  const after = samples.filter(({ minute }) => minute >= end * WARM_UP)
  const growing = GAUGES.flatMap(([name, gauge]) => {
    const points = after.map((sample) => [sample.minute, gauge(sample)] as const)
    const { slope, mean } = fit(points)
    const growth = slope * end * (1 - WARM_UP)
    const isFlat = !(growth > mean * GROWTH_MAX) || growth <= (SLACK[name] ?? 0)
    const share = `${Math.round((100 * growth) / mean)} %`
    return isFlat ? [] : [`${name} grows by ${Math.round(growth)} (${share}) after the warm-up.`]
  })
  const late = after.filter(({ oldestMs }) => oldestMs > OLDEST_MAX_MS).length
  return late > after.length / 2 ? [...growing, 'Notifications wait longer and longer.'] : growing
}

/** At a third of the full rate nothing waits for long. */
const OLDEST_MAX_MS = 10_000

/** The straight line through the points, by least squares. */
function fit(points: readonly (readonly [number, number])[]): { slope: number; mean: number } {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)]
  const covariance = mean(([at, value]) => (at - x) * (value - y))
  const variance = mean(([at]) => (at - x) ** 2)
  return { slope: variance === 0 ? 0 : covariance / variance, mean: y }
}
