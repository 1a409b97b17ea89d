import type { FastifyInstance } from 'fastify'
import { unreachable } from '../../base/unreachable.ts'
import { checkLogin, issueToken, TOKEN_LIFETIME_S } from '../../jobs/datacloud-users.ts'
import { ApiError } from '../api-error.ts'
import type { DataCloudPorts } from './datacloud-ports.ts'
import { readFields, readRequiredText } from './read-fields.ts'

/** `POST /login`: user name and password for a bearer token of ten hours. */
export function addLogin(app: FastifyInstance, ports: DataCloudPorts): void {
  app.post('/login', async (request) => {
    const fields = readFields(request.body, '', ['username', 'password'])
    const username = readRequiredText(fields, 'username', 1_000)
    const password = readRequiredText(fields, 'password', 1_000)

    const answer = await checkLogin(ports, { username, password })
    ports.log.info('datacloud.login', { username, outcome: answer.kind })
    switch (answer.kind) {
      case 'wrong':
        throw new ApiError(401, 'LOGIN_FAILED', 'no user has this name and password')
      case 'inactive':
        throw new ApiError(403, 'USER_INACTIVE', `${username} is inactive: ask an Admin`)
      case 'known':
        return {
          access_token: await issueToken(ports, answer.user),
          token_type: 'bearer',
          expires_in: TOKEN_LIFETIME_S,
        }
      default:
        return unreachable(answer)
    }
  })
}
