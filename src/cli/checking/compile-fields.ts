import type { Project, ProjectProblem } from '../../metadata/project.ts'
import { compileFormula } from '../../rules/formula/compile-formula.ts'
import type { FormulaFieldCache } from '../../rules/formula/scope.ts'
import { compileRollUps } from '../../rules/roll-up/compile-roll-ups.ts'
import { type RuleProblem, reportAt } from '../../rules/rule-problem.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgSettings } from '../../schema/org-settings.ts'

type Objects = (name: string) => ObjectDefinition | undefined

/** What is wrong with the formula fields and roll-up summaries that a project defines. */
export function fieldProblems(
  project: Project,
  objects: Objects,
  settings: OrgSettings,
): readonly ProjectProblem[] {
  const formulaFields: FormulaFieldCache = new Map()
  const placeOf = (objectName: string, fieldName: string) =>
    project.fieldPlaces.get(`${objectName}.${fieldName}`.toLowerCase()) ?? { file: '', line: 0 }
  const problems: RuleProblem[] = []
  for (const object of project.objects) {
    for (const field of object.fields) {
      if (field.formula === undefined || placeOf(object.name, field.name).file === '') continue
      const title = `formula field ${object.name}.${field.name}`
      const report = reportAt(problems, placeOf(object.name, field.name), title)
      for (const text of [field.formula, field.name]) {
        const compiled = compileField(text, object, field, { objects, formulaFields })
        if (compiled.kind === 'compiled') continue
        const { errorCode, message, at } = compiled.error
        report.error(errorCode, `formula line ${at.line}, column ${at.column}: ${message}`)
        break
      }
    }
  }
  const rollUps = compileRollUps(project.objects, { objects, settings, formulaFields, placeOf })
  return [...problems, ...rollUps.problems]
}

/** Its own text first, whose errors have their places in it; then its name, which asks for the field's type. */
function compileField(
  text: string,
  object: ObjectDefinition,
  { blanksAs }: FieldDefinition,
  scope: { readonly objects: Objects; readonly formulaFields: FormulaFieldCache },
) {
  return compileFormula(text, {
    ...scope,
    object,
    blanks: blanksAs === 'blank' ? 'asNull' : 'asZero',
  })
}
