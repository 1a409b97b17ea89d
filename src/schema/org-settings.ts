/** The org's own settings, from `obm.config.json` or Setup. */
export type OrgSettings = {
  readonly name: string
  /** IANA name, as `Europe/Berlin`. Time-based work and TODAY() go by it. */
  readonly timeZone: string
  /** As `en_US`: how workflow files write dates. */
  readonly locale: string
  /** ISO code. */
  readonly currency: string
  /** Username of the user that workflow runs as when there is none other. */
  readonly defaultWorkflowUser: string | null
  /** The month that fiscal years begin with, 1 to 12. */
  readonly fiscalYearStartMonth: number
  /** The doubtful cases of rule criteria. */
  readonly rules: {
    /** True: `notEqual X` and `notContain X` are not met by the record's own blank field. */
    readonly strictBlankNotEqual: boolean
    /** False: a blank multi-select picklist does not meet `excludes`. */
    readonly blankIsExcluded: boolean
  }
  /** "Classic": outbound messages that ask for it carry a session id. */
  readonly sendSessionIds: boolean
}

export const DEFAULT_ORG_SETTINGS: OrgSettings = {
  name: 'OBM',
  timeZone: 'UTC',
  locale: 'en_US',
  currency: 'USD',
  defaultWorkflowUser: null,
  fiscalYearStartMonth: 1,
  rules: { strictBlankNotEqual: false, blankIsExcluded: true },
  sendSessionIds: false,
}
