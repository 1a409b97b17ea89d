import { unreachable } from '../../../base/unreachable.ts'
import {
  issueTokens,
  openDataCloudLogin,
  refreshTokens,
  TOKEN_LIFETIME_S,
  type TokenPair,
} from '../../../jobs/users/login.ts'
import { ApiError } from '../../api-error.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import { readFields, readRequiredText } from '../read-fields.ts'
import type { ApiAnswer, ApiAsk, ApiRoute } from '../route/api-route.ts'
import type { Guards } from '../route/guards.ts'

/** How to get tokens: with a user name and password, and then with a refresh token. */
export function loginRoutes(ports: DataCloudPorts, { anyone }: Guards): readonly ApiRoute[] {
  const logIn = openDataCloudLogin(ports)

  const login = async ({ body }: ApiAsk): Promise<ApiAnswer> => {
    const fields = readFields(body, '', ['username', 'password'])
    const username = readRequiredText(fields, 'username', 1_000)
    const password = readRequiredText(fields, 'password', 1_000)

    const answer = await logIn({ username, password })
    ports.log.info('datacloud.login', { username, outcome: answer.kind })
    switch (answer.kind) {
      case 'wrong':
        throw new ApiError(401, 'LOGIN_FAILED', 'no user has this name and password')
      case 'inactive':
        throw new ApiError(401, 'USER_INACTIVE', `${username} is inactive: ask an Admin`)
      case 'too many':
        return tooMany(answer.retryAfterMs)
      case 'known':
        return tokensView(await issueTokens(ports, answer.user.username))
      default:
        return unreachable(answer)
    }
  }

  const refresh = async ({ body }: ApiAsk): Promise<ApiAnswer> => {
    const fields = readFields(body, '', ['refresh_token'])
    const pair = await refreshTokens(ports, readRequiredText(fields, 'refresh_token', 1_000))
    if (pair) return tokensView(pair)
    const message = 'the refresh token is not known, was used, or has expired: log in again'
    throw new ApiError(401, 'TOKEN_INVALID', message)
  }

  return [
    {
      method: 'POST',
      path: '/login',
      summary: 'Get an access token and a refresh token',
      takes: 'Credential',
      gives: 'Tokens',
      answers: { 200: 'The tokens' },
      ...anyone(login),
    },
    {
      method: 'POST',
      path: '/login/refresh',
      summary: 'Get a new pair of tokens for a refresh token, which is used up',
      takes: 'RefreshToken',
      gives: 'Tokens',
      answers: { 200: 'The tokens' },
      ...anyone(refresh),
    },
  ]
}

function tokensView({ accessToken, refreshToken }: TokenPair): ApiAnswer {
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      access_token: accessToken,
      token_type: 'bearer',
      refresh_token: refreshToken,
      expires_in: TOKEN_LIFETIME_S,
    },
  }
}

/** The refusal of a login that was not tried, with when to try again. */
export function tooMany(retryAfterMs: number): ApiAnswer {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  const message = `too many wrong passwords within a minute: try again in ${seconds} s`
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { code: 'LOGIN_RATE_EXCEEDED', message },
  }
}
