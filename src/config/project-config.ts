import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS } from '../base/clock.ts'
import type { WhenInactive } from '../jobs/job-config.ts'
import type { JobKind } from '../jobs/kinds/job-kind.ts'
import { listedUrlMistake } from '../jobs/kinds/listed-urls.ts'
import { DEFAULT_ORG_SETTINGS, type OrgSettings } from '../schema/org-settings.ts'
import type { FieldList } from '../wire/field-list/field-list.ts'
import { ConfigError } from './config.ts'
import { type ConfigReader, readConfigText } from './config-reader.ts'
import { readConfiguredJob } from './configured-jobs.ts'
import { type DeliveryConfig, readDelivery } from './delivery-config.ts'
import { readConfiguredFieldList } from './field-list-config.ts'
import { type JobOrderConfig, readJobOrder } from './job-order-config.ts'
import {
  type ConfiguredAuthentication,
  readAuthentication,
  readWhenInactive,
} from './route-config.ts'

export const CONFIG_FILE = 'obm.config.json'

/** A job config as the file says it. `{self}` in texts stands for this program's own host and port. */
export type ConfiguredJob = JobOrderConfig & {
  readonly jobConfigId: string
  readonly name: string
  readonly description: string | null
  readonly isActive: boolean
  readonly job: JobKind
  readonly messageName: string
  readonly outMessageName: string | null
  readonly attemptsMax: number
  readonly whenInactive: WhenInactive
  readonly authentication: ConfiguredAuthentication
  /** As read from the files that are named. */
  readonly fieldLists: readonly FieldList[]
}

/** What `obm.config.json` says, checked. */
export type ProjectConfig = {
  readonly org: OrgSettings
  /** Where outbound messages go instead of their own endpoint, by `Object.Name`. */
  readonly endpoints: ReadonlyMap<string, string>
  /** Data files (in the form of `sf data export tree`) to load at the first start. */
  readonly data: readonly string[]
  /** The DataCloud user that the first start makes, and the custom setting its name and password are put into. */
  readonly dataCloudUser: {
    readonly username: string
    readonly settingName: string | null
  } | null
  readonly jobConfigs: readonly ConfiguredJob[]
  /** What jobs may do under `obm serve`: absolute paths, and URLs as `isUrlListed` reads them. */
  readonly jobs: {
    readonly programs: readonly string[]
    readonly workingFolders: readonly string[]
    /** Where they may post to. */
    readonly urls: readonly string[]
  }
  readonly delivery: DeliveryConfig
  /** Whether it is kept how saves were decided. */
  readonly traces: boolean
  /** How long the attempt log and the traces are kept. */
  readonly retention: { readonly attemptsMs: number; readonly tracesMs: number }
  /** Health is red when something that could be done has been due for so long. */
  readonly lateAfterMs: number
}

const LATE_AFTER_S = 300
const ATTEMPTS_MAX = 5
const KEPT_DAYS = 7
const KEPT_DAYS_MAX = 365

/** Reads `obm.config.json` of a project folder; without one, every default. */
export function readProjectConfig(folder: string): ProjectConfig {
  const file = join(folder, CONFIG_FILE)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{}'
  const root = readConfigText(text, CONFIG_FILE)
  const config: ProjectConfig = {
    org: readOrg(root.part('org')),
    endpoints: root.part('endpoints').texts(),
    data: root.list('data'),
    dataCloudUser: readUser(root.part('dataCloud')),
    jobConfigs: root.parts('jobConfigs').map((job) => readJob(job, folder)),
    jobs: readJobs(root.part('jobs')),
    delivery: readDelivery(root.part('delivery'), folder),
    traces: root.flag('traces', true),
    retention: readRetention(root.part('retention')),
    lateAfterMs: root.part('health').number('lateAfterSeconds', LATE_AFTER_S) * 1000,
  }
  root.done()
  const ids = config.jobConfigs.map((each) => each.jobConfigId)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) {
    throw new ConfigError(
      `${CONFIG_FILE}: jobConfigs: the id ${JSON.stringify(twice)} is there twice`,
    )
  }
  return config
}

function readRetention(retention: ConfigReader): ProjectConfig['retention'] {
  const readMs = (name: string) => {
    const days = retention.number(name, KEPT_DAYS)
    if (days <= KEPT_DAYS_MAX) return Math.ceil(days * DAY_MS)
    throw retention.mistake(name, `at most ${KEPT_DAYS_MAX} days`, days)
  }
  return { attemptsMs: readMs('attemptsDays'), tracesMs: readMs('tracesDays') }
}

function readOrg(org: ConfigReader): OrgSettings {
  const defaults = DEFAULT_ORG_SETTINGS
  const settings = {
    name: org.text('name', defaults.name),
    timeZone: org.text('timeZone', defaults.timeZone),
    locale: org.text('locale', defaults.locale),
    currency: org.text('currency', defaults.currency),
    defaultWorkflowUser: org.optionalText('defaultWorkflowUser'),
    fiscalYearStartMonth: org.number('fiscalYearStartMonth', defaults.fiscalYearStartMonth),
    rules: readRuleSwitches(org.part('rules')),
    sendSessionIds: org.flag('sendSessionIds', defaults.sendSessionIds),
  }
  if (!isTimeZone(settings.timeZone)) {
    throw org.mistake('timeZone', 'an IANA time zone as Europe/Berlin', settings.timeZone)
  }
  if (!/^[a-z]{2,3}(_[A-Za-z]{2,10}){0,3}$/.test(settings.locale)) {
    throw org.mistake('locale', 'a locale as en_US', settings.locale)
  }
  const { fiscalYearStartMonth } = settings
  if (!Number.isInteger(fiscalYearStartMonth) || fiscalYearStartMonth > 12) {
    throw org.mistake('fiscalYearStartMonth', 'a month from 1 to 12', fiscalYearStartMonth)
  }
  if (!/^[A-Z]{3}$/.test(settings.currency)) {
    throw org.mistake('currency', 'an ISO code as USD', settings.currency)
  }
  return settings
}

function readRuleSwitches(rules: ConfigReader): OrgSettings['rules'] {
  const defaults = DEFAULT_ORG_SETTINGS.rules
  return {
    strictBlankNotEqual: rules.flag('strictBlankNotEqual', defaults.strictBlankNotEqual),
    blankIsExcluded: rules.flag('blankIsExcluded', defaults.blankIsExcluded),
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function readUser(dataCloud: ConfigReader): ProjectConfig['dataCloudUser'] {
  const username = dataCloud.optionalText('username')
  const settingName = dataCloud.optionalText('credentialSetting')
  return username === null ? null : { username, settingName }
}

function readJob(job: ConfigReader, folder: string): ConfiguredJob {
  const jobConfigId = job.requiredText('id')
  if (!/^[\w.-]{1,100}$/.test(jobConfigId)) {
    throw job.mistake(
      'id',
      'letters, digits, dots, dashes and underscores, 100 at most',
      jobConfigId,
    )
  }
  return {
    jobConfigId,
    name: job.text('name', jobConfigId),
    description: job.optionalText('description'),
    isActive: job.flag('active', true),
    job: readConfiguredJob(job, folder),
    messageName: job.text('messageName', 'msg1'),
    outMessageName: job.optionalText('outMessageName'),
    attemptsMax: job.number('attempts', ATTEMPTS_MAX),
    ...readJobOrder(job),
    fieldLists: job.parts('fieldLists').map((list) => readConfiguredFieldList(list, folder)),
    whenInactive: readWhenInactive(job),
    authentication: readAuthentication(job.part('authentication')),
  }
}

function readJobs(jobs: ConfigReader): ProjectConfig['jobs'] {
  const urls = jobs.list('urls')
  for (const each of urls) {
    const expected = listedUrlMistake(each)
    if (expected !== null) throw jobs.mistake('urls', expected, each)
  }
  return { programs: jobs.list('programs'), workingFolders: jobs.list('workingFolders'), urls }
}
