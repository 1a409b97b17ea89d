import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { isoOf } from '../setup-values.ts'

/**
 * `GET /health` → `{"readAt","status":"green"|"red","parts":[{"name","status","reason","lateMs"}]}`: how things go,
 * judged by the age of what waits. 200 whatever it says.
 */
export function setupHealth({ health, clock }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/health',
      answer: async () => ({ readAt: isoOf(clock.now()), ...(await health()) }),
    },
  ]
}
