/** Which kind of request a path is for: few enough to be a label, whatever paths strangers ask for. */
export function routeClassOf(path: string): string {
  for (const [name, pattern] of CLASSES) if (pattern.test(path)) return name
  return 'other'
}

const CLASSES: readonly (readonly [string, RegExp])[] = [
  ['receive', /^\/v2\/api\/jobconfigs\/[^/?]+\/sfdc\/obm/],
  ['datacloud', /^\/v2\/api\//],
  ['soap', /^\/services\/soap\//i],
  ['oauth', /^\/(services\/oauth2|id)\//i],
  ['rest', /^\/services\//i],
  ['setup', /^\/setup\//i],
  ['operations', /^\/(healthz|readyz|health|metrics)(\?|\/?$)/i],
]
