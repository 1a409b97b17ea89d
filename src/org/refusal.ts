/**
 * What the org refuses as a whole, with Salesforce's `errorCode`: caught at a door, which answers with it.
 * What is wrong with single records of a save is told in its results instead.
 */
export class OrgRefusal extends Error {
  override readonly name = 'OrgRefusal'
  readonly errorCode: string
  readonly fields: readonly string[]

  constructor(errorCode: string, message: string, fields: readonly string[] = []) {
    super(message)
    this.errorCode = errorCode
    this.fields = fields
  }
}
