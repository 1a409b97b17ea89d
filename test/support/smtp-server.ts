import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterTest } from './after-test.ts'

/** A letter as a mail server got it. */
export type ReceivedLetter = {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | undefined
  readonly isSecure: boolean
  readonly source: string
}

/** A real mail server on a free port of this machine, and what it was given. */
export type TestSmtp = {
  readonly port: number
  readonly received: readonly ReceivedLetter[]
  /** Refuses a receiver with this answer, as `550 no such user`; null takes it. Asked for each. */
  refuse: (address: string) => string | null
  /** What it answers to a whole letter, as `451 try later`; null takes it. */
  refuseLetter: () => string | null
  close(): Promise<void>
}

/** Opens it; it goes with the test. */
export async function openTestSmtp(
  t: TestContext,
  options: SMTPServerOptions = {},
): Promise<TestSmtp> {
  const received: ReceivedLetter[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    ...options,
    onRcptTo: ({ address }, _session, answer) => answer(refusal(smtp.refuse(address))),
    onData: (stream, session, answer) => {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const refused = refusal(smtp.refuseLetter())
        if (refused) return answer(refused)
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          isSecure: session.secure,
          source: Buffer.concat(pieces).toString('utf8'),
        })
        return answer(null, 'taken')
      })
    },
  })
  server.on('error', () => {}) // connections that a test breaks off
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  let closed: Promise<void> | null = null
  const smtp: TestSmtp = {
    port: (server.server.address() as AddressInfo).port,
    received,
    refuse: () => null,
    refuseLetter: () => null,
    close: () => {
      closed ??= new Promise((resolve) => server.close(resolve))
      return closed
    },
  }
  afterTest(t, () => smtp.close())
  return smtp
}

function refusal(text: string | null): Error | null {
  if (text === null) return null
  const [, code = '550', message = text] = /^(\d{3}) (.*)$/.exec(text) ?? []
  return Object.assign(new Error(message), { responseCode: Number(code) })
}
