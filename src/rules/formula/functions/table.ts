import type { FormulaFunction } from './call.ts'
import { DATE_FUNCTIONS } from './dates.ts'
import { ENCODING_FUNCTIONS } from './encoding.ts'
import { HISTORY_FUNCTIONS } from './history.ts'
import { LOGIC_FUNCTIONS } from './logic.ts'
import { LOOKUP_FUNCTIONS } from './lookup.ts'
import { NUMBER_FUNCTIONS } from './numbers.ts'
import { TEXT_FUNCTIONS } from './text.ts'

/** Every function a formula may call, by its name in capitals. */
export const FORMULA_FUNCTIONS: ReadonlyMap<string, FormulaFunction> = new Map(
  [
    LOGIC_FUNCTIONS,
    HISTORY_FUNCTIONS,
    TEXT_FUNCTIONS,
    NUMBER_FUNCTIONS,
    DATE_FUNCTIONS,
    ENCODING_FUNCTIONS,
    LOOKUP_FUNCTIONS,
  ].flatMap((table) => Object.entries(table)),
)
