/**
 * Undoes percent-encoding as metadata names have it: `Close%3A Won` reads "Close: Won". What is no
 * encoding of UTF-8 stays as written, so no name is ever refused.
 */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}
