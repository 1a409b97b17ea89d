// PostgreSQL cuts longer names; Salesforce's own limit, with namespace and ending, is 60.
const NAME_MAX = 63

/** True for names that an object can have: `Account`, `Region__c`, `acme__Region__c`. */
export function isObjectName(name: string): boolean {
  return name.length <= NAME_MAX && /^[A-Za-z]\w*$/.test(name)
}

/**
 * True for names that a field can have. Salesforce's own begin with a capital, others end in `__c` or the
 * like: no field is called as something that every JavaScript object inherits.
 */
export function isFieldName(name: string): boolean {
  return name.length <= NAME_MAX && /^(?:[A-Z]\w*|[a-z]\w*__[A-Za-z]+)$/.test(name)
}
