import type { ApiRoute, Needs } from './api-route.ts'
import { SCHEMAS } from './schemas.ts'

const JSON_TYPE = 'application/json'
const MESSAGE_TYPES = ['text/plain', 'text/xml', 'application/xml', JSON_TYPE]

/** The refusals that any route may answer, besides those of its own rights. */
const REFUSALS = {
  400: 'The request says something that is not known, or not right',
  404: 'There is no such thing',
}

/** The API as an OpenAPI 3.1 document, made of the routes themselves. */
export function openApi(routes: readonly ApiRoute[]) {
  const paths: Record<string, Record<string, unknown>> = { ...RECEIVING }
  for (const route of routes) {
    const others = paths[route.path]
    paths[route.path] = { ...others, [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: "OBM: DataCloud's API",
      version: 'v2',
      description: "Job configs, jobs and users as Actian DataCloud's API has them.",
    },
    servers: [{ url: '/v2/api' }],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(route: ApiRoute) {
  const isOpen = route.needs.kind === 'nothing'
  const refusals = {
    ...REFUSALS,
    ...(!isOpen && { 401: 'No token, or one that is not known any more' }),
    ...(!isOpen && { 403: 'The user may not' }),
  }
  const answers = Object.entries(route.answers).map(([status, description]) => [
    status,
    { description, ...contentOf(Number(status) === 204 ? undefined : route.gives) },
  ])
  const refused = Object.entries(refusals).map(([status, description]) => [
    status,
    { description, ...contentOf('Refusal') },
  ])
  return {
    summary: route.summary,
    description: `Needs ${needsText(route.needs)}.`,
    security: isOpen ? [] : [{ token: [] }],
    parameters: [...pathParameters(route.path), ...queryParameters(route)],
    ...(route.takes !== undefined && { requestBody: bodyOf(route.takes) }),
    responses: Object.fromEntries([...refused, ...answers]),
  }
}

/** What a route needs, for people. */
export function needsText(needs: Needs): string {
  if (needs.kind !== 'rights') return needs.kind
  const { rights, of } = needs
  return `the right${rights.length > 1 ? 's' : ''} to ${rights.join(' and ')} ${of}`
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query = {} }: ApiRoute) {
  return Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }))
}

function bodyOf(takes: string) {
  if (takes !== 'message') return { required: false, ...contentOf(takes) }
  const content = MESSAGE_TYPES.map((type) => [type, { schema: { type: 'string' } }])
  return { required: true, content: Object.fromEntries(content) }
}

function contentOf(name: string | undefined) {
  if (name === undefined) return {}
  if (name === 'text') return { content: { 'text/plain': { schema: { type: 'string' } } } }
  return { content: { [JSON_TYPE]: { schema: { $ref: `#/components/schemas/${name}` } } } }
}

/** The listener's own route, which Salesforce posts to; it is answered beside this API. */
const RECEIVING = Object.fromEntries(
  ['/jobconfigs/{id}/sfdc/obm', '/jobconfigs/{id}/sfdc/obm/{secret}'].map((path) => [
    path,
    {
      post: {
        summary: "Receive Salesforce's outbound messages; the job config says who may send",
        description: 'Needs what the authentication of the job config asks of a sender.',
        security: [],
        parameters: pathParameters(path),
        requestBody: {
          required: true,
          content: { 'text/xml': { schema: { type: 'string' } } },
        },
        responses: {
          200: {
            description: 'Kept: an Ack',
            content: { 'text/xml': { schema: { type: 'string' } } },
          },
          default: {
            description: 'Not kept: a SOAP fault, so the sender will try again',
            content: { 'text/xml': { schema: { type: 'string' } } },
          },
        },
      },
    },
  ]),
)
