import type { RuleCompiler } from '../metadata/check-project.ts'
import type { Project } from '../metadata/project.ts'
import { outboundMessageKey } from '../outbox/outbound-message.ts'
import { compileRules } from '../rules/compile-rules.ts'
import { compileFormula } from '../rules/formula/compile-formula.ts'
import { compileValidationRules } from '../rules/validation/compile-validation-rules.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { OrgSettings } from '../schema/org-settings.ts'

/** Compiles a project's rules and counts its formulas, for `obm check`. */
export function projectCompiler(settings: OrgSettings): RuleCompiler {
  return (project) => {
    const objects = objectsOf(project)
    const { outcomes, problems } = compileRules({
      rules: project.rules,
      fieldUpdates: project.fieldUpdates,
      tasks: project.tasks,
      outboundMessageKeys: project.outboundMessages.map(outboundMessageKey),
      objects,
      settings,
    })
    const validation = compileValidationRules({
      validationRules: project.validationRules,
      objects,
      formulaFields: new Map(),
    })
    const formulas = formulasOf(project)
    return {
      rulesCompiled: outcomes.filter(({ kind }) => kind === 'compiled').length,
      validationRulesCompiled: validation.outcomes.filter(({ kind }) => kind === 'compiled').length,
      formulas: formulas.length,
      formulasCompiled: formulas.filter(({ objectName, formula }) => {
        const object = objects(objectName)
        return (
          object &&
          compileFormula(formula, { object, objects, blanks: 'asNull' }).kind === 'compiled'
        )
      }).length,
      problems: [...problems, ...validation.problems],
    }
  }
}

function objectsOf(project: Project): (name: string) => ObjectDefinition | undefined {
  const byName = new Map(project.objects.map((object) => [object.name.toLowerCase(), object]))
  return (name) => byName.get(name.toLowerCase())
}

function formulasOf(project: Project): readonly { objectName: string; formula: string }[] {
  const ofRules = project.rules.flatMap(({ objectName, formula }) =>
    formula === null ? [] : [{ objectName, formula }],
  )
  const ofUpdates = project.fieldUpdates.flatMap(({ objectName, operation, formula }) =>
    operation === 'Formula' && formula !== null ? [{ objectName, formula }] : [],
  )
  return [...ofRules, ...ofUpdates]
}
