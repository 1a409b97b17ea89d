/** What the main thread asks of a database thread, and what it hears back. */
export type ThreadAsk = { readonly op: string; readonly ask: unknown }

export type ThreadAnswer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string }

export type ThreadStart = { readonly path: string; readonly mode: 'writer' | 'reader' }

/** Sent once, when the file is open: null, or why it could not be opened. */
export type ThreadReady = { readonly failure: string | null; readonly errorCode: string | null }
