import { holdsSecret } from '../base/secrets/mask-url.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import type { JobStore } from '../jobs/job-store.ts'
import type { JobKind } from '../jobs/kinds/job-kind.ts'
import type { Cipher } from './cipher.ts'

/**
 * Seals what an http job sends and signs with: its headers, its signing secrets, and its URL if that holds a secret.
 * The inbox, which reads job configs too, gets them sealed: it has no use for them.
 */
export function sealJobs(store: JobStore, cipher: Cipher): JobStore {
  const open = (text: string) => (cipher.isSealed(text) ? cipher.open(text) : text)
  const opened = (config: JobConfig): JobConfig => ({
    ...config,
    job: changed(config.job, { secret: open, url: open }),
  })
  const sealed = (config: JobConfig): JobConfig => {
    const url = (text: string) => (holdsSecret(text) ? cipher.seal(text) : text)
    return { ...config, job: changed(config.job, { secret: cipher.seal, url }) }
  }
  return {
    ...store,
    readConfig: async (jobConfigId) => {
      const config = await store.readConfig(jobConfigId)
      return config && opened(config)
    },
    listConfigs: async () => (await store.listConfigs()).map(opened),
    readVersion: async (jobConfigId) => {
      const found = await store.readVersion(jobConfigId)
      return found && { ...found, config: opened(found.config) }
    },
    writeConfig: (config) => store.writeConfig(sealed(config)),
    replaceConfig: (config, version) => store.replaceConfig(sealed(config), version),
  }
}

type Change = (text: string) => string

function changed(job: JobKind, change: { readonly secret: Change; readonly url: Change }): JobKind {
  if (job.kind !== 'http') return job
  const headers = Object.entries(job.headers).map(([name, value]) => [name, change.secret(value)])
  return {
    ...job,
    url: change.url(job.url),
    headers: Object.fromEntries(headers),
    signingSecrets: job.signingSecrets.map(change.secret),
  }
}
