import type { Log } from '../../base/log.ts'
import { checkProject } from '../../metadata/check-project.ts'
import type { Project } from '../../metadata/project.ts'
import type { OrgSettings } from '../../schema/org-settings.ts'
import { projectCompiler } from './compile-project.ts'

/** So many lines at a start; the rest is counted. */
const TOLD_MAX = 200

/**
 * Logs what `obm check` would say of a project that is loaded: one line for each error and warning, the errors
 * first, and what works of it. Nothing is refused on account of it.
 */
export function tellProblems(log: Log, project: Project, settings: OrgSettings): void {
  const check = checkProject(project, projectCompiler(settings))
  const errors = check.problems.filter(({ severity }) => severity === 'error')
  const warnings = check.problems.filter(({ severity }) => severity === 'warning')
  for (const { severity, ...problem } of [...errors, ...warnings].slice(0, TOLD_MAX)) {
    if (severity === 'error') log.error('project.problem', problem)
    else log.warn('project.problem', problem)
  }
  const { rules, rulesCompiled, flows, flowsExecuted } = check
  const found = { errors: errors.length, warnings: warnings.length }
  const untold = Math.max(0, errors.length + warnings.length - TOLD_MAX)
  const counts = { rules, rulesCompiled, flows, flowsExecuted, ...found }
  log.info('project.loaded', untold === 0 ? counts : { ...counts, untold })
}
