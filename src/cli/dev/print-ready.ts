/** Where to look and how to sign in; printed by `obm dev`, which tells its own secrets. */
export type ReadyFacts = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly accessToken: string
  readonly organizationId: string
  readonly receiverUrls: readonly string[]
  /** Where the e-mails are that go nowhere; null where they are sent. */
  readonly mailUrl: string | null
  readonly dataCloud: { readonly username: string; readonly password: string } | null
  readonly remarks: readonly string[]
}

/** Prints the facts: a table for people, or one JSON line with `"event":"ready"`. */
export function printReady(facts: ReadyFacts, json: boolean): void {
  if (json) {
    const { receiverUrls, ...others } = facts
    console.log(
      JSON.stringify({ event: 'ready', ...others, receiverUrl: receiverUrls[0], receiverUrls }),
    )
    return
  }
  const rows: [string, string][] = [
    ['Console', `${facts.url}/`],
    ['Org', facts.url],
    ['User', facts.username],
    ['Password', facts.password],
    ['Access token', facts.accessToken],
    ...facts.receiverUrls.map((url): [string, string] => ['Receiver', url]),
  ]
  if (facts.mailUrl !== null) rows.push(['E-mails', facts.mailUrl])
  if (facts.dataCloud) {
    rows.push(['DataCloud user', facts.dataCloud.username])
    rows.push(['DataCloud password', facts.dataCloud.password])
  }
  console.log('OBM is ready.\n')
  for (const [name, value] of rows) console.log(`  ${name.padEnd(20)}${value}`)
  console.log('')
  for (const remark of facts.remarks) console.log(`  ! ${remark}`)
}
