/** A user as the command line lists one. */
export type Account = {
  readonly username: string
  readonly isActive: boolean
  /** False: there is no password, and nobody can sign in with this name. */
  readonly maySignIn: boolean
  /** What the user may do, for people. */
  readonly may: string
}

/** Users of one kind, in a store that nothing need run on. */
export type AccountBook = {
  list(): Promise<readonly Account[]>
  /** Throws `USER_EXISTS`. */
  add(username: string, password: string): Promise<void>
  /** Ends what the user had signed in to. Throws `USER_UNKNOWN`, as the next does. */
  setPassword(username: string, password: string): Promise<void>
  activate(username: string, isActive: boolean): Promise<void>
}

/** A user that is not there, is there already, or cannot be changed so. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly errorCode: 'USER_UNKNOWN' | 'USER_EXISTS' | 'USER_REFUSED'

  constructor(errorCode: UserError['errorCode'], message: string) {
    super(message)
    this.errorCode = errorCode
  }
}
