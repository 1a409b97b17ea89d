import type { FastifyInstance } from 'fastify'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { createRecord } from './records.ts'
import { addResource, notFound, type RestAnswer, type RestCall } from './rest-call.ts'

type Description = Readonly<Record<string, unknown>>

/** `/sobjects` (describeGlobal), `/sobjects/T` (its short description; POST creates), `/sobjects/T/describe`. */
export function addDescribeResources(app: FastifyInstance, ports: SalesforcePorts): void {
  addResource(app, ports, '/sobjects', { GET: (call) => describeAll(ports, call) })
  addResource(app, ports, '/sobjects/:objectName', {
    GET: (call) => describeShortly(ports, call),
    POST: (call) => createRecord(ports, call),
  })
  addResource(app, ports, '/sobjects/:objectName/describe', {
    GET: (call) => describeWhole(ports, call),
  })
}

async function describeAll({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const sobjects = await org.describeGlobal(call.user.userId)
  const withUrls = sobjects.map((each) => ({ ...each, urls: urlsOf(each, call.version) }))
  return { status: 200, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects: withUrls } }
}

async function describeShortly({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const wanted = call.part('objectName').toLowerCase()
  const sobjects = await org.describeGlobal(call.user.userId)
  const found = sobjects.find(({ name }) => String(name).toLowerCase() === wanted)
  if (!found) throw notFound()
  const objectDescribe = { ...found, urls: urlsOf(found, call.version) }
  return { status: 200, body: { objectDescribe, recentItems: [] } }
}

async function describeWhole({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const described = await org.describeObject(call.part('objectName'), call.user.userId)
  if (!described) throw notFound()
  return { status: 200, body: { ...described, urls: urlsOf(described, call.version) } }
}

function urlsOf({ name }: Description, version: string): unknown {
  const sobject = `/services/data/${version}/sobjects/${name}`
  return { rowTemplate: `${sobject}/{ID}`, describe: `${sobject}/describe`, sobject }
}
