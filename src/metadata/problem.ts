import type { SourcePlace } from '../schema/object-definition.ts'
import type { ProjectProblem } from './project.ts'

/** Every code a project's files can earn, with how grave it is. */
const SEVERITY = {
  // a file, or a part of it, is left out
  PROJECT_FILE_INVALID: 'error',
  FILE_UNREADABLE: 'error',
  FILE_TOO_LARGE: 'error',
  XML_MALFORMED: 'error',
  XML_DOCTYPE: 'error',
  XML_TOO_DEEP: 'error',
  XML_ENCODING: 'error',
  RULE_INVALID: 'error',
  ACTION_INVALID: 'error',
  OBJECT_INVALID: 'error',
  FIELD_INVALID: 'error',
  LABEL_INVALID: 'error',
  DUPLICATE_DEFINITION: 'error',
  TEMPLATE_INVALID: 'error',
  // it is kept, and will not work
  FIELD_NOT_SENDABLE: 'error',
  ENDPOINT_INVALID: 'error',
  // it is kept, and works otherwise than it says
  PACKAGE_DIRECTORY_MISSING: 'warning',
  PROJECT_EMPTY: 'warning',
  ROOT_UNEXPECTED: 'warning',
  ACTION_MISSING: 'warning',
  ACTION_TYPE_UNKNOWN: 'warning',
  FIELD_UNKNOWN: 'warning',
  ENDPOINT_PORT: 'warning',
  ENDPOINT_CREDENTIALS: 'warning',
  USER_TO_SEND_AS_MISSING: 'warning',
  USER_TO_SEND_AS_INACTIVE: 'warning',
  TEMPLATE_MISSING: 'warning',
  TEMPLATE_UNSUPPORTED: 'warning',
  RECIPIENT_UNSUPPORTED: 'warning',
  SESSION_NEEDS_HTTPS: 'warning',
  API_VERSION_INVALID: 'warning',
  TIME_TRIGGER_WITH_ALL_CHANGES: 'warning',
  TOO_MANY_CRITERIA: 'warning',
  LIMIT_EXCEEDED: 'warning',
  OBJECT_NOT_BUILT_IN: 'warning',
  OBJECT_NOT_DEFINED: 'warning',
  REFERENCE_UNKNOWN: 'warning',
  VALUE_SET_MISSING: 'warning',
  FIELD_TYPE_UNKNOWN: 'warning',
  ROLLUP_NOT_COMPUTED: 'warning',
  // good to know
  FIELD_TYPE_GUESSED: 'info',
  OBJECT_KIND_UNSUPPORTED: 'info',
  ELEMENT_UNKNOWN: 'info',
  NOT_EXECUTED: 'info',
  FLOW_KIND_UNSUPPORTED: 'info',
} as const satisfies Record<string, ProjectProblem['severity']>

export type ProblemCode = keyof typeof SEVERITY

/** Takes one problem down; `message` says what was expected, what was found, what to do. */
export type Report = (place: SourcePlace, code: ProblemCode, message: string) => void

/** Where readers and checks put their problems, and the list that fills. */
export function startReport(): { readonly report: Report; readonly problems: ProjectProblem[] } {
  const problems: ProjectProblem[] = []
  const report: Report = ({ file, line }, code, message) => {
    problems.push({ file, line, code, severity: SEVERITY[code], message })
  }
  return { report, problems }
}
