/** The value below which `share` (0 to 1) of the values lie; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** `median (min–max)`, or the one value there is. */
export function spread(values: readonly number[]): string {
  const text = [median(values), Math.min(...values), Math.max(...values)].map(figure)
  return values.length < 2 ? `${text[0]}` : `${text[0]} (${text[1]}–${text[2]})`
}

/** The ratios of two series round by round, as a spread. */
export function ratio(above: readonly number[], below: readonly number[]): string {
  return spread(above.map((value, round) => value / (below[round] || Number.NaN)))
}

/** Three digits that count, thousands set apart. */
function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Prints a Markdown table. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'))
}
