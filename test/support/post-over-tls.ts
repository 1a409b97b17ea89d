import { Agent, request } from 'node:https'
import type { TestContext } from 'node:test'
import { afterTest } from './after-test.ts'
import type { Certificate } from './certificates.ts'
import { outboundMessage } from './outbound-message.ts'

type PostAsk = {
  /** Whom the sender trusts. */
  readonly ca: string
  readonly client?: Certificate | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Posts an outbound message on a connection of its own; answers status and code. */
export function postOverTls(
  t: TestContext,
  url: string,
  { ca, client = null, headers = {} }: PostAsk,
): Promise<[number | undefined, string | null]> {
  const agent = new Agent({ keepAlive: false, ca, ...client })
  afterTest(t, () => agent.destroy())
  return new Promise((resolve, reject) => {
    const post = request(`${url}/v2/api/jobconfigs/accounts/sfdc/obm`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'text/xml', ...headers },
    })
    post.on('error', reject)
    post.on('response', (response) => {
      let body = ''
      response.on('data', (piece) => {
        body += piece
      })
      response.on('end', () =>
        resolve([response.statusCode, /<code>(.*)<\/code>/.exec(body)?.[1] ?? null]),
      )
    })
    post.end(outboundMessage())
  })
}
