import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Role } from '../config/config.ts'
import { SHARED_RECEIVER } from '../config/receiver-config.ts'
import { answersOperators } from './operations.ts'

const CASES: readonly [readonly Role[], number | null, boolean, boolean][] = [
  [['org'], null, false, true],
  [['sender'], null, false, false],
  [['sender'], null, true, true],
  [['receiver'], null, false, true],
  [['receiver'], 8081, false, false], // that port faces the world
  [['receiver', 'sender'], 8081, true, true],
  [['receiver', 'jobs'], 8081, false, true],
]

for (const [roles, receiverPort, isPortGiven, answers] of CASES) {
  const given = isPortGiven ? 'a port' : 'no port'
  const apart = receiverPort === null ? '' : ', the receiver on one of its own,'
  test(`with ${given} given, ${roles.join(' and ')}${apart} ${answers ? 'answers' : 'does not answer'} operators`, () => {
    const receiver = { ...SHARED_RECEIVER, port: receiverPort }
    assert.equal(answersOperators({ roles, receiver, isPortGiven }), answers)
  })
}
