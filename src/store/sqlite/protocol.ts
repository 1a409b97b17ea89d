/** An op by its name, with what it is asked. */
export type OpAsk = { readonly op: string; readonly ask: unknown }

/** What a database thread is asked; the writer's answers reads too, while there is no reader. */
export type ThreadAsk = OpAsk & { readonly kind: 'read' | 'write' }

export type ThreadAnswer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string }

export type ThreadStart = { readonly path: string; readonly mode: 'writer' | 'reader' }

/** To a thread: it has one file open at a time, and may be given the next one after `close`. */
export type ToThread =
  | { readonly kind: 'open'; readonly start: ThreadStart }
  | { readonly kind: 'asks'; readonly asks: readonly ThreadAsk[] }
  | { readonly kind: 'close' }

/** From a thread, one for each message to it. `opened` says why the file could not be opened, or null. */
export type FromThread =
  | { readonly kind: 'opened'; readonly failure: string | null; readonly errorCode: string | null }
  | { readonly kind: 'answers'; readonly answers: readonly ThreadAnswer[] }
  | { readonly kind: 'closed' }

/** To a query process: an ask of the file at `path`, or null to close whichever is open. */
export type ToQueryProcess = (OpAsk & { readonly path: string }) | null
