/** An answer of the program: its status, and its JSON or else its text. */
export type Answer = { readonly status: number; readonly json: unknown }

/** What a Salesforce client would send to the program under test. */
export type RestClient = {
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** Creates an account; throws when it is refused. Answers its id. */
  createAccount(fields: Readonly<Record<string, unknown>>): Promise<string>
  updateAccount(id: string, fields: Readonly<Record<string, unknown>>): Promise<void>
  /** Creates accounts in one request. */
  createAccounts(names: readonly string[]): Promise<readonly string[]>
}

export const REST = '/services/data/v60.0'

/** Signs in with a user name and a password, as clients without a browser do. */
export async function signIn(
  url: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<string> {
  const response = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', username, password }),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (!token) throw new Error(`${username} cannot sign in: ${response.status}`)
  return token
}

/** Opens a client of the org at `url`. */
export function openRestClient(url: string, token: string): RestClient {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const call: RestClient['call'] = async (method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(url + path, { method, headers, ...sent })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, json: isJson ? JSON.parse(text) : text }
  }
  return {
    call,
    createAccount: async (fields) => {
      const { status, json } = await call('POST', `${REST}/sobjects/Account`, fields)
      if (status !== 201) throw new Error(`not saved: ${status} ${JSON.stringify(json)}`)
      return (json as { id: string }).id
    },
    updateAccount: async (id, fields) => {
      const { status, json } = await call('PATCH', `${REST}/sobjects/Account/${id}`, fields)
      if (status !== 204) throw new Error(`not saved: ${status} ${JSON.stringify(json)}`)
    },
    createAccounts: async (names) => {
      const records = names.map((Name) => ({ attributes: { type: 'Account' }, Name }))
      const { json } = await call('POST', `${REST}/composite/sobjects`, {
        allOrNone: true,
        records,
      })
      const results = json as readonly { id: string; success: boolean }[]
      if (!results.every(({ success }) => success)) throw new Error(JSON.stringify(results[0]))
      return results.map(({ id }) => id)
    },
  }
}
