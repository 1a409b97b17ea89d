/** Prints rows as columns, each as wide as its widest text; an empty table is a sentence. */
export function printTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
  emptySentence: string,
): void {
  if (rows.length === 0) {
    console.log(emptySentence)
    return
  }
  const texts = rows.map((row) => columns.map((column) => String(row[column] ?? '')))
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...texts.map((cells) => cells[index]?.length ?? 0)),
  )
  for (const cells of [columns, ...texts]) {
    console.log(
      cells
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}
