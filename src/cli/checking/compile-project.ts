import { emailAlertKey } from '../../mail/definitions/email-alert.ts'
import type { RuleCompiler } from '../../metadata/check-project.ts'
import type { Project } from '../../metadata/project.ts'
import { outboundMessageKey } from '../../outbox/outbound-message.ts'
import { compileRules } from '../../rules/compile-rules.ts'
import { updatedField } from '../../rules/field-updates/compile-field-update.ts'
import { returnTypeFor } from '../../rules/field-updates/field-value-of.ts'
import { compileFlows } from '../../rules/flow/compile-flows.ts'
import { compileFormula, type ReturnType } from '../../rules/formula/compile-formula.ts'
import { compileValidationRules } from '../../rules/validation/compile-validation-rules.ts'
import { customObject } from '../../schema/custom-object.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgSettings } from '../../schema/org-settings.ts'
import { fieldProblems } from './compile-fields.ts'

/** Compiles a project's rules and counts its formulas, for `obm check`. */
export function projectCompiler(settings: OrgSettings): RuleCompiler {
  return (project) => {
    const objects = objectsOf(project)
    const { outcomes, problems } = compileRules({
      rules: project.rules,
      fieldUpdates: project.fieldUpdates,
      tasks: project.tasks,
      outboundMessageKeys: project.outboundMessages.map(outboundMessageKey),
      alertKeys: project.alerts.map(emailAlertKey),
      objects,
      settings,
    })
    const validation = compileValidationRules({
      validationRules: project.validationRules,
      objects,
      formulaFields: new Map(),
    })
    const flows = compileFlows({
      flows: project.flows,
      outboundMessageKeys: project.outboundMessages.map(outboundMessageKey),
      alertKeys: project.alerts.map(emailAlertKey),
      objects,
    })
    const entries = flows.outcomes.filter(({ hasEntryFormula }) => hasEntryFormula)
    const formulas = formulasOf(project, objects)
    return {
      rulesCompiled: outcomes.filter(({ kind }) => kind === 'compiled').length,
      validationRulesCompiled: validation.outcomes.filter(({ kind }) => kind === 'compiled').length,
      flowsExecuted: flows.outcomes.filter(({ kind }) => kind === 'executed').length,
      formulas: formulas.length + entries.length,
      formulasCompiled:
        formulas.filter((each) => compiles(each, objects)).length +
        entries.filter(({ isEntryCompiled }) => isEntryCompiled).length,
      problems: [
        ...problems,
        ...validation.problems,
        ...flows.problems,
        ...fieldProblems(project, objects, settings),
      ],
    }
  }
}

type Formula = {
  readonly objectName: string
  readonly formula: string
  /** What it has to give; missing where that is not known. */
  readonly returnType?: ReturnType
}

function compiles({ objectName, formula, returnType }: Formula, objects: ObjectsByName): boolean {
  const object = objects(objectName) ?? customObject({ name: objectName, fields: [] })
  const wanted = returnType === undefined ? {} : { returnType }
  return (
    compileFormula(formula, { object, objects, blanks: 'asNull', ...wanted }).kind === 'compiled'
  )
}

type ObjectsByName = (name: string) => ObjectDefinition | undefined

function objectsOf(project: Project): ObjectsByName {
  const byName = new Map(project.objects.map((object) => [object.name.toLowerCase(), object]))
  return (name) => byName.get(name.toLowerCase())
}

/** Of active and inactive definitions, whether anything uses them or not. */
function formulasOf(project: Project, objects: ObjectsByName): readonly Formula[] {
  const ofRules = project.rules.flatMap(({ objectName, formula }): readonly Formula[] =>
    formula === null ? [] : [{ objectName, formula, returnType: 'Boolean' }],
  )
  const ofUpdates = project.fieldUpdates.flatMap((update): readonly Formula[] => {
    const { objectName, operation, formula } = update
    if (operation !== 'Formula' || formula === null) return []
    const object = objects(objectName)
    const field = object && updatedField(update, object, objects)
    const isKnown = field !== undefined && !field.guessed
    return [{ objectName, formula, ...(isKnown ? { returnType: returnTypeFor(field) } : {}) }]
  })
  return [...ofRules, ...ofUpdates]
}
