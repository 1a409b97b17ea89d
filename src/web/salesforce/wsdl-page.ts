import type { FastifyInstance } from 'fastify'
import { KEY_PREFIX, keyPrefixOf, tryRecordId } from '../../schema/record-id.ts'
import { ApiError } from '../api-error.ts'
import type { SalesforcePorts } from './salesforce-ports.ts'
import { headerOrQueryToken, requireSetup, searchParams, signIn } from './sign-in.ts'

/** `GET /soap/wfoutbound.jsp?aid={04k id}`: the WSDL a listener is built from, for users with the setup privilege. */
export function addWsdlPage(app: FastifyInstance, ports: SalesforcePorts): void {
  app.get('/soap/wfoutbound.jsp', async (request, reply) => {
    requireSetup(await signIn(ports.org, headerOrQueryToken(request)))
    const asked = searchParams(request).get('aid') ?? ''
    const id = tryRecordId(asked)
    const isMessage = id !== null && keyPrefixOf(id) === KEY_PREFIX.outboundMessage
    const wsdl = isMessage ? await ports.outboundMessageWsdl(id) : null
    if (wsdl === null) {
      throw new ApiError(
        404,
        'NOT_FOUND',
        `aid=${asked} is no outbound message: the id begins with ${KEY_PREFIX.outboundMessage}`,
      )
    }
    return reply
      .header('content-disposition', 'inline; filename="wfoutbound.wsdl"')
      .type('text/xml; charset=utf-8')
      .send(wsdl)
  })
}
