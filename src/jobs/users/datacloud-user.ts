/** What a user may be allowed to do with a job config, in DataCloud's words and order. */
export const RIGHTS = ['view', 'edit', 'delete', 'execute'] as const

export type Right = (typeof RIGHTS)[number]

/** Rights to some job configs: their ids, or `*` for all there are and will be. */
export type Permission = {
  readonly allowed: readonly Right[]
  readonly resourceIds: readonly string[]
}

/** A user of DataCloud's API: not one of the org. */
export type DataCloudUser = {
  readonly userId: string
  /** Told apart without regard to case; never changes. */
  readonly username: string
  readonly passwordHash: string
  readonly isActive: boolean
  /** An Admin may do everything; a General User what the permissions say. */
  readonly role: 'Admin' | 'General User'
  readonly permissions: readonly Permission[]
}

/**
 * Whether the user has the right to the job config, `*` standing for all of them: asked on every way to a
 * run. Whoever may edit, delete or execute a job config may also view it and its runs.
 */
export function isAllowed(user: DataCloudUser, right: Right, jobConfigId: string): boolean {
  if (user.role === 'Admin') return true
  return user.permissions.some(
    ({ allowed, resourceIds }) =>
      (right === 'view' ? allowed.length > 0 : allowed.includes(right)) &&
      (resourceIds.includes('*') || resourceIds.includes(jobConfigId)),
  )
}

/** The job configs whose runs the user may see; null: those of all, deleted ones among them. */
export function viewedConfigIds(user: DataCloudUser): readonly string[] | null {
  if (isAllowed(user, 'view', '*')) return null
  const seen = user.permissions.filter(({ allowed }) => allowed.length > 0)
  return [...new Set(seen.flatMap(({ resourceIds }) => resourceIds))]
}
