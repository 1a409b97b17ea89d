import { isLoopback } from '../../base/endpoint-url.ts'
import { maskUrl } from '../../base/secrets/mask-url.ts'

/** Where outbound messages of a project are to go. */
export type EndpointChoice = {
  /** Each by `Object.Name`, in any case; from the command line or `obm.config.json`. */
  readonly named: ReadonlyMap<string, string>
  /** All others, if it is given. */
  readonly all: string | null
  /** `obm dev`: what goes to another machine is held, unless a person named its endpoint. */
  readonly holdForeign: boolean
}

/** Where one outbound message goes, or why it is held. */
export function endpointOf(
  choice: EndpointChoice,
  message: { readonly key: string; readonly endpointUrl: string },
): { readonly url: string; readonly heldReason: string | null } {
  const named = choice.named.get(message.key.toLowerCase()) ?? choice.all
  if (named !== null) return { url: named, heldReason: null }
  const url = message.endpointUrl
  if (!choice.holdForeign || isLoopback(URL.parse(url)?.hostname ?? ''))
    return { url, heldReason: null }
  const host = URL.parse(url)?.host || maskUrl(url)
  return {
    url,
    heldReason: `${host} is not on this machine, and obm dev sends nowhere else: use --endpoint ${message.key}=URL to send it to a listener of yours`,
  }
}
