import { ApiError } from '../../api-error.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { missingArgument, type SoapCall, soapUser } from './soap-call.ts'
import { childrenOf } from './soap-element.ts'
import { writeText } from './write-soap.ts'

/** Objects of one `describeSObjects`, as at Salesforce. */
const DESCRIBED_MAX = 100

/** `describeSObject` (one name) and `describeSObjects`: a result for each `sObjectType`, in order. */
export async function describeSObjects(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const { userId } = await soapUser(ports, call)
  const names = childrenOf(call.call, 'sObjectType').map(({ text }) => text.trim())
  if (names.length === 0) throw missingArgument('sObjectType')
  if (names.length > DESCRIBED_MAX) {
    throw new ApiError(500, 'EXCEEDED_ID_LIMIT', `at most ${DESCRIBED_MAX} objects a call`)
  }
  const results: string[] = []
  for (const name of names) {
    const described = await ports.org.describeObject(name, userId)
    if (!described) {
      throw new ApiError(500, 'INVALID_TYPE', `sObject type '${name}' is not supported.`)
    }
    results.push(writeMembers('result', described))
  }
  return results.join('')
}

export async function describeGlobal(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const { userId } = await soapUser(ports, call)
  const sobjects = await ports.org.describeGlobal(userId)
  return writeMembers('result', { encoding: 'UTF-8', maxBatchSize: 200, sobjects })
}

type Members = Readonly<Record<string, unknown>>

/** Members in the order of the WSDL, which is alphabetical; lists are repeated elements, null is left out. */
function writeMembers(name: string, members: Members): string {
  const body = Object.keys(members)
    .sort()
    .map((key) => writeMember(key, members[key]))
  return `<${name}>${body.join('')}</${name}>`
}

function writeMember(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((each) => writeMember(name, each)).join('')
  if (typeof value === 'object') return writeMembers(name, value as Members)
  return writeText(name, typeof value === 'boolean' ? value : String(value))
}
