import { resolve } from 'node:path'
import { ConfigError } from '../config/config.ts'
import { wsdlOf } from '../house/message-wsdl.ts'
import { readProject } from '../metadata/read-project.ts'
import { outboundMessageKey } from '../outbox/outbound-message.ts'

/** `obm wsdl Object.Message`: prints the WSDL of an outbound message of a project. */
export async function wsdl(
  key: string,
  { project: folder }: { readonly project: string },
): Promise<number> {
  const project = await readProject(resolve(folder))
  const message = project.outboundMessages.find(
    (each) => outboundMessageKey(each).toLowerCase() === key.toLowerCase(),
  )
  const object = project.objects.find((each) => each.name === message?.objectName)
  if (!message || !object) {
    const known = project.outboundMessages.map(outboundMessageKey).join(', ') || 'none'
    throw new ConfigError(`${folder} has no outbound message ${key}; it has: ${known}`)
  }
  process.stdout.write(wsdlOf(message, object, Date.now()))
  return 0
}
