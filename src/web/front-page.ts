import { escapeXmlText } from '../base/xml.ts'

/** What the front page says: what runs in this process, and where it is reached. */
export type FrontPageFacts = {
  readonly organizationName: string
  readonly organizationId: string | null
  readonly roles: readonly string[]
  readonly orgUrl: string | null
  readonly receiverUrl: string | null
  readonly jobConfigs: readonly {
    readonly jobConfigId: string
    readonly name: string
    readonly isActive: boolean
    readonly url: string
  }[]
  readonly links: readonly { readonly label: string; readonly url: string }[]
}

/** The page allows itself one style sheet of its own and nothing else: no script, no frame, no other site. */
export const FRONT_PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** Where the page's style sheet is served. */
export const FRONT_PAGE_STYLE_PATH = '/front-page.css'

export const FRONT_PAGE_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
dt { font-weight: 600; margin-top: .5rem } dd { margin: 0 }
code { overflow-wrap: anywhere } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top }
`

/** Writes the page as HTML; every text in it is escaped. */
export function frontPage(facts: FrontPageFacts): string {
  const rows: [string, string][] = [
    ['Organization', facts.organizationName],
    ['Organization ID', facts.organizationId ?? 'none'],
    ['Runs here', facts.roles.join(', ')],
    ['Org', facts.orgUrl ?? 'not in this process'],
    ['Receiver', facts.receiverUrl ?? 'not in this process'],
  ]
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>OBM</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${FRONT_PAGE_STYLE_PATH}"></head>
<body><main><h1>OBM</h1>
<dl>${rows.map(([term, text]) => `<dt>${escapeXmlText(term)}</dt><dd><code>${escapeXmlText(text)}</code></dd>`).join('\n')}</dl>
<h2>Job configs</h2>
${jobConfigTable(facts)}
<h2>Links</h2>
<ul>${facts.links.map((link) => `<li>${anchor(link.url, link.label)}</li>`).join('\n')}</ul>
</main></body></html>
`
}

function jobConfigTable({ jobConfigs }: FrontPageFacts): string {
  if (jobConfigs.length === 0) return '<p>There is no job config in this process yet.</p>'
  const rows = jobConfigs.map(
    ({ jobConfigId, name, isActive, url }) =>
      `<tr><td>${escapeXmlText(name)}</td><td>${escapeXmlText(jobConfigId)}</td>` +
      `<td>${isActive ? 'active' : 'on hold'}</td><td><code>${escapeXmlText(url)}</code></td></tr>`,
  )
  return `<table><thead><tr><th>Name</th><th>ID</th><th>State</th><th>Endpoint URL</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`
}

/** A link to a path of this server or an http address; anything else is shown as text. */
function anchor(url: string, label: string): string {
  const text = escapeXmlText(label)
  const isSafe = /^(https?:\/\/|\/(?!\/))/i.test(url)
  return isSafe ? `<a href="${escapeXmlText(url)}">${text}</a>` : text
}
