/** How criteria are read in an org. */
export type CriteriaSettings = {
  /** As `en_US`: how absolute dates and numbers are written, and the day weeks begin with. */
  readonly locale: string
  /** The month fiscal years begin with; 1 where nothing is said. */
  readonly fiscalYearStartMonth?: number
  /** The doubtful cases. */
  readonly rules?: {
    /** True: `notEqual X` is not met by the record's own blank field. Default false, as list views show it. */
    readonly strictBlankNotEqual?: boolean
    /** False: a blank multi-select picklist does not meet `excludes`. Default true. */
    readonly blankIsExcluded?: boolean
  }
}
