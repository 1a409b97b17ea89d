import type { FastifyRequest } from 'fastify'

/** What this request calls the server, without a slash at the end; the configured public URL goes before. */
export function baseUrlOf(request: FastifyRequest, publicUrl: string | null): string {
  return publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`
}
