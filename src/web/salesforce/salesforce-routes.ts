import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import { answerError, answerRefusal } from '../error-answer.ts'
import type { BodyReader } from '../request-body.ts'
import { addOauthRoutes } from './oauth/oauth-routes.ts'
import { orgRefusal } from './org-refusal.ts'
import { addCollectionResources } from './rest/collections.ts'
import { addDescribeResources } from './rest/describe.ts'
import { addQueryResources } from './rest/query.ts'
import { addRecordResources } from './rest/records.ts'
import { addTreeResources } from './rest/tree.ts'
import { addVersionResources } from './rest/versions.ts'
import type { SalesforcePorts } from './salesforce-ports.ts'
import { addSoapRoutes } from './soap/soap-routes.ts'
import { addWsdlPage } from './wsdl-page.ts'

/** The org as Salesforce's clients know it: REST, OAuth, SOAP, and the WSDLs of outbound messages. */
export function salesforceRoutes(ports: SalesforcePorts): FastifyPluginAsync {
  return async (app) => {
    readRawBodies(app, ports.bodies)
    app.setErrorHandler((error, request, reply) => {
      const refusal = orgRefusal(error)
      if (!refusal) return answerError(ports.log, error, request, reply)
      const { status, errorCode, message, fields } = refusal
      answerRefusal(new ApiError(status, errorCode, message, fields), request, reply)
    })
    addVersionResources(app, ports)
    addDescribeResources(app, ports)
    addRecordResources(app, ports)
    addCollectionResources(app, ports)
    addTreeResources(app, ports)
    addQueryResources(app, ports)
    addOauthRoutes(app, ports)
    addSoapRoutes(app, ports)
    addWsdlPage(app, ports)
  }
}

/** Bodies come as bytes, gzip undone, within the limits of the reader, whatever type they say they are. */
export function readRawBodies(app: FastifyInstance, bodies: BodyReader): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request: FastifyRequest) => bodies.read(request.raw))
  app.addHook('onResponse', async (request) => bodies.release(request.raw))
}
