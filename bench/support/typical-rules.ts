import type { FilterItem, TriggerType, WorkflowRule } from '../../src/rules/workflow-rule.ts'
import { ruleOf } from '../../test/support/rules-org.ts'

/** A choice and how often it is seen: the shares of 8,904 rules of 61 public projects. */
type Share<T> = readonly [T, number]

const TRIGGERS: readonly Share<TriggerType>[] = [
  ['onCreateOrTriggeringUpdate', 4286],
  ['onAllChanges', 3146],
  ['onCreateOnly', 1472],
]

/** One item of each operation, as often as the operation is seen. */
const ITEMS: readonly Share<readonly [string, string, string]>[] = [
  [['Stage__c', 'equals', 'New,HOT'], 2400],
  [['Check__c', 'equals', 'True'], 1678],
  [['Text__c', 'equals', 'this is urgent'], 1500],
  [['RecordTypeId', 'equals', 'Big One,Other'], 1200],
  [['OwnerId', 'equals', 'Anna Ek'], 800],
  [['Parent__c.Name', 'equals', 'Boss'], 413],
  [['Text__c', 'equals', ''], 451],
  [['Text__c', 'notEqual', ''], 1082],
  [['Stage__c', 'notEqual', 'Closed'], 849],
  [['Text__c', 'contains', 'urgent,now'], 489],
  [['Text__c', 'notContain', 'spam'], 153],
  [['Text__c', 'startsWith', 'this'], 153],
  [['Amount__c', 'greaterThan', 'USD 1000'], 221],
  [['Number__c', 'greaterOrEqual', '7'], 141],
  [['Date__c', 'lessThan', 'TODAY'], 88],
  [['Moment__c', 'lessOrEqual', 'LAST 90 DAYS'], 59],
  [['Colors__c', 'includes', 'A,C'], 40],
]

/** Parts of formulas by the functions that are seen most. */
const PARTS: readonly Share<string>[] = [
  ['ISPICKVAL(Stage__c, "New")', 2300],
  ['ISPICKVAL(PRIORVALUE(Stage__c), "HOT")', 476],
  ['ISCHANGED(Stage__c)', 1300],
  ['ISCHANGED(Amount__c)', 700],
  ['ISCHANGED(Text__c)', 528],
  ['NOT(ISBLANK(Text__c))', 1053],
  ['NOT(ISNEW())', 494],
  ['TEXT(Stage__c) <> "Closed"', 852],
  ['CONTAINS(Text__c, "urgent")', 381],
  ['IF(Check__c, Number__c > 5, Amount__c > 5)', 382],
  ['LEFT(OwnerId, 3) = "005"', 228],
  ['TODAY() - Date__c > 3', 163],
  ['BEGINS(Text__c, "this")', 162],
  ['INCLUDES(Colors__c, "A")', 148],
  ['LOWER(Text__c) = "this is urgent"', 142],
  ['Date__c > DATE(2020, 1, 31)', 131],
  ['Moment__c < NOW()', 117],
  ['$Setup.Limits__c.Max__c > 1', 458],
  ['Parent__r.Limit__c < Number__c', 700],
  ['$Profile.Name <> "Robot"', 119],
  ['Owner:User.Email <> ""', 120],
  ['Number__c * 1.2 > Amount__c / 3', 200],
  ['CASE(MONTH(Date__c), 1, "a", 2, "b", "c") = "b"', 40],
]

/** Rules of Thing__c in the mix of real projects; the same `seed` gives the same rules. */
export function typicalRules(
  count: number,
  { kind, seed = 1 }: { kind: 'criteria' | 'formula' | 'both'; seed?: number },
): readonly WorkflowRule[] {
  const random = dice(seed)
  return Array.from({ length: count }, (_, index) => {
    const hasFormula = kind === 'formula' || (kind === 'both' && random() < 0.42)
    const triggerType = hasFormula ? 'onAllChanges' : pick(TRIGGERS, random)
    const condition = hasFormula ? { formula: formulaOf(random) } : criteriaOf(random)
    return ruleOf(`Rule ${index}`, { triggerType, ...condition })
  })
}

/** 2.3 items a rule; every fifth rule has a filter of its own. */
function criteriaOf(random: () => number): Pick<WorkflowRule, 'criteriaItems' | 'booleanFilter'> {
  const count = 1 + Math.floor(random() * 3.6)
  const criteriaItems = Array.from({ length: count }, (): FilterItem => {
    const [field, operation, value] = pick(ITEMS, random)
    return { field: field.includes('.') ? field : `Thing__c.${field}`, operation, value }
  })
  const isLogical = count > 2 && random() < 0.5
  return { criteriaItems, booleanFilter: isLogical ? '1 AND (2 OR 3)' : null }
}

/** About 100 characters: three or four parts, by AND, OR or the operators. */
function formulaOf(random: () => number): string {
  const count = 2 + Math.floor(random() * 3)
  const parts = Array.from({ length: count }, () => pick(PARTS, random))
  const form = random()
  if (form < 0.6) return `AND(${parts.join(', ')})`
  return form < 0.75 ? `OR(${parts.join(',\n ')})` : parts.join(' && ')
}

function pick<T>(shares: readonly Share<T>[], random: () => number): T {
  const all = shares.reduce((sum, [, weight]) => sum + weight, 0)
  let rest = random() * all
  for (const [choice, weight] of shares) {
    rest -= weight
    if (rest < 0) return choice
  }
  return shares[0]![0]
}

/** Numbers from 0 to 1 that only look random (mulberry32). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
