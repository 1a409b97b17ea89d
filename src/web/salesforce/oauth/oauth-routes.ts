import { createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RecordId } from '../../../schema/record-id.ts'
import { baseUrlOf } from '../base-url.ts'
import type { OpenedSession } from '../org-api.ts'
import { orgRefusal } from '../org-refusal.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { headerOrQueryToken, searchParams, signIn } from '../sign-in.ts'
import { identityJson, identityUrl, userInfoJson } from './identity.ts'

/** `/services/oauth2/{token,revoke,userinfo}` and the identity URL `/id/{org}/{user}`. */
export function addOauthRoutes(app: FastifyInstance, ports: SalesforcePorts): void {
  app.post('/services/oauth2/token', (request, reply) => answerToken(ports, request, reply))
  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url: '/services/oauth2/revoke',
      handler: (request, reply) => revoke(ports, request, reply),
    })
    app.route({
      method,
      url: '/services/oauth2/userinfo',
      handler: (request) => answerUserInfo(ports, request),
    })
    app.route({
      method,
      url: '/id/:organizationId/:userId',
      handler: (request, reply) => answerIdentity(ports, request, reply),
    })
  }
}

type OauthError = { readonly error: string; readonly error_description: string }

const PASSWORD_GRANT_ONLY: OauthError = {
  error: 'unsupported_grant_type',
  error_description: 'grant type not supported: use password',
}

async function answerToken(ports: SalesforcePorts, request: FastifyRequest, reply: FastifyReply) {
  const form = formOf(request)
  reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
  const grantType = form.get('grant_type')
  if (grantType === null) return refuse(reply, invalidRequest('grant_type'))
  if (grantType !== 'password') return refuse(reply, PASSWORD_GRANT_ONLY)

  const [username, password] = [form.get('username'), form.get('password')]
  if (username === null) return refuse(reply, invalidRequest('username'))
  if (password === null) return refuse(reply, invalidRequest('password'))
  const session = await logIn(ports, { username, password })
  if ('error' in session) return refuse(reply, session)
  return tokenJson(ports, request, {
    ...session,
    // As at Salesforce, where a client's secret is what the answer is signed with.
    signatureKey: form.get('client_secret') ?? ports.signatureKey,
  })
}

async function logIn(
  { org }: SalesforcePorts,
  { username, password }: { username: string; password: string },
): Promise<OpenedSession | OauthError> {
  try {
    return await org.login(username, password)
  } catch (error) {
    const refusal = orgRefusal(error)
    if (!refusal) throw error
    const isWrong = refusal.errorCode === 'INVALID_LOGIN'
    // Which of name and password was wrong, nobody is told; that too many came, everybody.
    const description = isWrong ? 'authentication failure' : refusal.message
    return { error: 'invalid_grant', error_description: description }
  }
}

async function tokenJson(
  ports: SalesforcePorts,
  request: FastifyRequest,
  { token, userId, signatureKey }: { token: string; userId: RecordId; signatureKey: string },
): Promise<unknown> {
  const { organizationId } = await ports.org.facts()
  const baseUrl = baseUrlOf(request, ports.publicUrl)
  const id = identityUrl(baseUrl, organizationId, userId)
  const issuedAt = String(ports.clock.real())
  const signature = createHmac('sha256', signatureKey)
    .update(id + issuedAt)
    .digest('base64')
  return {
    access_token: token,
    signature,
    instance_url: baseUrl,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  }
}

async function revoke({ org }: SalesforcePorts, request: FastifyRequest, reply: FastifyReply) {
  const token = formOf(request).get('token') ?? searchParams(request).get('token')
  if (token === null) return refuse(reply, invalidRequest('token'))
  await org.logout(token) // a token that is none is as good as revoked (RFC 7009)
  return reply.code(200).send()
}

async function answerUserInfo({ org, publicUrl }: SalesforcePorts, request: FastifyRequest) {
  const user = await signIn(org, headerOrQueryToken(request))
  return userInfoJson(baseUrlOf(request, publicUrl), await org.facts(), user)
}

async function answerIdentity(
  { org, publicUrl }: SalesforcePorts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const token = headerOrQueryToken(request)
  const user = token === null ? null : await org.sessionUser(token)
  // Salesforce's own words, status and type.
  if (!user) return reply.code(403).type('text/html').send('Bad_OAuth_Token')
  const facts = await org.facts()
  const { organizationId, userId } = request.params as { organizationId: string; userId: string }
  const isOwn = isSameId(organizationId, facts.organizationId) && isSameId(userId, user.userId)
  if (!isOwn) return reply.code(403).type('text/html').send('Forbidden')
  return identityJson(baseUrlOf(request, publicUrl), facts, user)
}

function isSameId(text: string, id: RecordId): boolean {
  return text === id || text === id.slice(0, 15)
}

function formOf({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
}

function invalidRequest(name: string): OauthError {
  return { error: 'invalid_request', error_description: `missing required parameter: ${name}` }
}

function refuse(reply: FastifyReply, error: OauthError) {
  return reply.code(400).send(error)
}
