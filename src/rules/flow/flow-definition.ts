import type { SourcePlace } from '../../schema/object-definition.ts'

/** A value as a flow's file says it. `none`: the element is there without a value. */
export type FlowValue =
  | {
      readonly kind: 'literal'
      readonly type: 'string' | 'number' | 'boolean' | 'date' | 'dateTime'
      readonly text: string
    }
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unsupported'; readonly element: string }

/** A condition: of a decision with a reference on its left, of a filter with a field's name. */
export type FlowCondition = {
  readonly left: string
  readonly operator: string
  readonly right: FlowValue
}

/** Conditions with their logic: `and`, `or`, or their numbers as `1 AND (2 OR 3)`. */
export type FlowConditions = {
  readonly logic: string | null
  readonly conditions: readonly FlowCondition[]
}

/** Sets a field (of an update) or a variable or field (of an assignment). */
export type FlowAssignment = {
  readonly to: string
  readonly operator: string
  readonly value: FlowValue
}

export type FlowOutcomeRule = FlowConditions & {
  readonly name: string
  /** Taken only by the save that makes the record meet the conditions. */
  readonly requiresChange: boolean
  readonly next: string | null
}

/** What a record update writes to: a record by reference, or those of an object that meet the filters. */
export type FlowUpdateTarget =
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'object'; readonly objectName: string }

type ElementKind =
  | {
      readonly kind: 'decision'
      readonly rules: readonly FlowOutcomeRule[]
      readonly next: string | null
    }
  | {
      readonly kind: 'assignment'
      readonly items: readonly FlowAssignment[]
      readonly next: string | null
    }
  | {
      readonly kind: 'recordUpdate'
      readonly target: FlowUpdateTarget
      readonly filters: FlowConditions
      readonly items: readonly FlowAssignment[]
      readonly next: string | null
    }
  | {
      readonly kind: 'action'
      readonly actionType: 'emailAlert' | 'outboundMessage'
      /** `Object.Name` */
      readonly actionName: string
      readonly next: string | null
    }
  | {
      readonly kind: 'unsupported'
      /** The element's name in the file, as `recordLookups`. */
      readonly element: string
      readonly reason: string
      /** Every element that it may go on to. */
      readonly nexts: readonly string[]
    }

/** One element of a flow, with its API name. */
export type FlowElement = { readonly name: string; readonly place: SourcePlace } & ElementKind

/** A named value of a flow. */
export type FlowResource = { readonly name: string; readonly place: SourcePlace } & (
  | { readonly kind: 'variable'; readonly dataType: string; readonly value: FlowValue }
  | { readonly kind: 'constant'; readonly dataType: string; readonly value: FlowValue }
  | {
      readonly kind: 'formula'
      readonly dataType: string
      readonly scale: number | null
      readonly expression: string
    }
  | { readonly kind: 'textTemplate'; readonly text: string }
  | { readonly kind: 'unsupported'; readonly element: string; readonly reason: string }
)

/** When a flow looks at a change at all. */
export type FlowEntry = FlowConditions & {
  readonly formula: string | null
  readonly requiresChange: boolean
  readonly place: SourcePlace
}

/** A path that runs later. `unit` null: right after the commit. */
export type FlowPath = {
  readonly name: string
  readonly label: string
  readonly place: SourcePlace
  readonly first: string | null
  readonly after:
    | { readonly kind: 'commit' }
    | {
        readonly kind: 'time'
        /** Name of a date field; null is the moment of the save. */
        readonly field: string | null
        /** Negative is before. */
        readonly offset: number
        readonly unit: FlowTimeUnit
      }
}

export type FlowTimeUnit = 'Minutes' | 'Hours' | 'Days' | 'Weeks' | 'Months'

/** Something in a flow's file that keeps it from being run here, with its place. */
export type FlowObstacle = {
  readonly place: SourcePlace
  /** What it is and what it is called: `recordLookups Get_Account`. */
  readonly what: string
  readonly reason: string
}

/** A record-triggered flow as its file says it, nothing compiled. */
export type FlowDefinition = {
  readonly kind: 'flow'
  /** The file's name: the key. */
  readonly fullName: string
  readonly label: string
  readonly active: boolean
  readonly objectName: string
  readonly triggerType: 'RecordBeforeSave' | 'RecordAfterSave'
  readonly recordTriggerType: 'Create' | 'Update' | 'CreateAndUpdate'
  readonly triggerOrder: number | null
  readonly entry: FlowEntry
  readonly first: string | null
  readonly paths: readonly FlowPath[]
  readonly elements: readonly FlowElement[]
  readonly resources: readonly FlowResource[]
  /** What the file holds beside elements and resources that is not understood. */
  readonly obstacles: readonly FlowObstacle[]
  readonly place: SourcePlace
}
