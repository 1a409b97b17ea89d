import type { IncomingMessage } from 'node:http'
import { hostOf, isLoopback } from '../base/endpoint-url.ts'

export type ForeignHost = {
  readonly errorCode: 'FOREIGN_HOST' | 'FOREIGN_ORIGIN'
  readonly message: string
}

/**
 * Says why a request to a server on this machine is refused, or null. A page of the web that had its name
 * resolved to 127.0.0.1 shows itself by its Host, a page that posts across sites by its Origin.
 */
export function foreignHost(
  { headers }: Pick<IncomingMessage, 'headers'>,
  publicUrl: string | null,
): ForeignHost | null {
  const own = publicUrl === null ? null : new URL(publicUrl).hostname
  const isOwn = (name: string | null) => name !== null && (isLoopback(name) || name === own)

  if (!isOwn(hostNameOf(`http://${headers.host ?? ''}`))) {
    return {
      errorCode: 'FOREIGN_HOST',
      message: `Host ${JSON.stringify(headers.host ?? '')} is not this machine: use localhost, or set OBM_PUBLIC_URL`,
    }
  }
  const { origin } = headers
  if (origin !== undefined && !isOwn(hostNameOf(origin))) {
    return {
      errorCode: 'FOREIGN_ORIGIN',
      message: `a page of ${JSON.stringify(origin)} may not call this server: open it from localhost, or set OBM_PUBLIC_URL`,
    }
  }
  return null
}

/** True when a request says that it is for a name of this machine itself. */
export function isNamedLocally(hostHeader: string | undefined): boolean {
  return isLoopback(hostNameOf(`http://${hostHeader ?? ''}`) ?? '')
}

function hostNameOf(url: string): string | null {
  if (!URL.canParse(url)) return null
  return hostOf(new URL(url)).toLowerCase() || null
}
