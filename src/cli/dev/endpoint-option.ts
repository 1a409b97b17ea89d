import { maskUrl } from '../../base/secrets/mask-url.ts'
import { ConfigError } from '../../config/config.ts'

/** What `--endpoint` said, all of them together. */
export type EndpointOptions = {
  readonly named: ReadonlyMap<string, string>
  readonly all: string | null
}

/** Reads the values of `--endpoint [Object.Name=]URL`. Names go in any case. */
export function parseEndpoints(values: readonly string[]): EndpointOptions {
  const named = new Map<string, string>()
  let all: string | null = null
  for (const value of values) {
    const match = /^([A-Za-z]\w*\.\w+)=(.*)$/.exec(value)
    const url = match?.[2] ?? value
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      throw new ConfigError(
        `--endpoint: expected URL or Object.Name=URL with an http or https URL, found ${JSON.stringify(maskUrl(url))}`,
      )
    }
    if (match?.[1]) named.set(match[1].toLowerCase(), url)
    else all = url
  }
  return { named, all }
}
