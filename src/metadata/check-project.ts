import type { Project, ProjectProblem } from './project.ts'

/** Compiles the rules of a project and says how many went well; given by whoever knows formulas. */
export type RuleCompiler = (project: Project) => {
  readonly rulesCompiled: number
  readonly validationRulesCompiled: number
  readonly formulas: number
  readonly formulasCompiled: number
  readonly flowsExecuted: number
  readonly problems: readonly ProjectProblem[]
}

/** What `obm check --json` prints. */
export type ProjectCheck = {
  readonly files: number
  /** Objects that the project's files define or extend, and those that are built in. */
  readonly objects: number
  readonly fields: number
  readonly rules: number
  readonly rulesCompiled: number
  readonly formulas: number
  readonly formulasCompiled: number
  readonly validationRules: number
  readonly validationRulesCompiled: number
  readonly outboundMessages: number
  readonly flows: number
  /** Record-triggered ones that are carried out whole, active or not. */
  readonly flowsExecuted: number
  /** By file and line. */
  readonly problems: readonly ProjectProblem[]
}

/** Counts what a project holds, compiles its rules with `compile` and lists every problem once. */
export function checkProject(project: Project, compile: RuleCompiler): ProjectCheck {
  const { problems, ...compiled } = compile(project)
  return {
    files: project.fileCount,
    objects: project.objects.length,
    fields: project.objects.reduce((count, { fields }) => count + fields.length, 0),
    rules: project.rules.length,
    rulesCompiled: compiled.rulesCompiled,
    formulas: compiled.formulas,
    formulasCompiled: compiled.formulasCompiled,
    validationRules: project.validationRules.length,
    validationRulesCompiled: compiled.validationRulesCompiled,
    outboundMessages: project.outboundMessages.length,
    flows: project.flowCount,
    flowsExecuted: compiled.flowsExecuted,
    problems: sortedOnce([...unsaid(project.problems, problems), ...problems]),
  }
}

/** What reading and compiling both find, by the reader's code: the compiler says what becomes of it. */
const SAID_BY_COMPILER: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'FIELD_UNKNOWN',
    [
      'CRITERIA_UNKNOWN_FIELD',
      'CRITERIA_UNKNOWN_OBJECT',
      'CRITERIA_UNKNOWN_PARENT',
      'FIELD_UPDATE_UNKNOWN_FIELD',
      'FIELD_UPDATE_UNKNOWN_TARGET',
    ],
  ],
  ['ACTION_MISSING', ['ACTION_UNKNOWN']],
  ['TIME_TRIGGER_WITH_ALL_CHANGES', ['RULE_TIME_TRIGGER']],
  ['TOO_MANY_CRITERIA', ['RULE_LIMIT']],
  ['LIMIT_EXCEEDED', ['RULE_LIMIT']],
])

/** The problems of reading that compiling has not told of the same definition. */
function unsaid(
  read: readonly ProjectProblem[],
  compiled: readonly ProjectProblem[],
): readonly ProjectProblem[] {
  const said = new Set(compiled.map(({ file, line, code }) => `${file}:${line} ${code}`))
  return read.filter(({ file, line, code }) => {
    const codes = SAID_BY_COMPILER.get(code) ?? []
    return !codes.some((each) => said.has(`${file}:${line} ${each}`))
  })
}

function sortedOnce(problems: readonly ProjectProblem[]): readonly ProjectProblem[] {
  const once = new Map(
    problems.map((problem) => {
      const { file, line, code, message } = problem
      return [JSON.stringify([file, line, code, message]), problem]
    }),
  )
  return [...once.values()].sort((one, other) => {
    if (one.file !== other.file) return one.file < other.file ? -1 : 1
    return one.line - other.line
  })
}
