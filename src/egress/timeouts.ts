/** In milliseconds of real time. `headersMs` and `bodyMs` are precise to about 500 above 1,000. */
export type HttpTimeouts = {
  /** The whole: waiting for a connection, connecting, sending, the answer to its end. */
  readonly totalMs?: number
  /** From the request sent until the answer's headers. */
  readonly headersMs?: number
  /** Between two pieces of the answer's body. */
  readonly bodyMs?: number
}

/** The time-outs of a delivery, all of them said. */
export type DeliveryTimeouts = Required<HttpTimeouts> & {
  /** DNS, TCP and TLS of one connection together. */
  readonly connectMs: number
}

/** A delivery's time-out by default: Salesforce's since Summer '25. */
export const TOTAL_MS = 20_000
export const CONNECT_MS = 10_000
