import { printTable } from '../running/print-table.ts'
import { type ClientOptions, openSetupClient } from '../running/setup-client.ts'

/** `obm health`: how things go, part by part; exit code 1 when one is red. */
export async function health(options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get('/health')
  const parts = answer['parts'] as readonly Readonly<Record<string, unknown>>[]
  if (options.json) console.log(JSON.stringify(answer))
  else printTable(parts, ['name', 'status', 'reason'], 'There is nothing to tell.')
  return answer['status'] === 'green' ? 0 : 1
}
