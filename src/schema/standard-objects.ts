import type { ObjectDefinition } from './object-definition.ts'
import { ACCOUNT, CONTACT } from './standard-objects/account-and-contact.ts'
import { CASE, CONTRACT } from './standard-objects/case-and-contract.ts'
import { CAMPAIGN, CAMPAIGN_MEMBER, LEAD } from './standard-objects/lead-and-campaign.ts'
import {
  ACCOUNT_TEAM_MEMBER,
  CASE_TEAM_MEMBER,
  CASE_TEAM_ROLE,
  GROUP_MEMBER,
  OPPORTUNITY_TEAM_MEMBER,
} from './standard-objects/members-and-teams.ts'
import { OPPORTUNITY } from './standard-objects/opportunity.ts'
import {
  GROUP,
  ORGANIZATION,
  PROFILE,
  USER,
  USER_ROLE,
} from './standard-objects/organization-and-user.ts'
import { PERMISSION_SET, PERMISSION_SET_ASSIGNMENT } from './standard-objects/permission-sets.ts'
import {
  OPPORTUNITY_PRODUCT,
  ORDER,
  ORDER_PRODUCT,
  PRICE_BOOK,
  PRICE_BOOK_ENTRY,
  PRODUCT,
  QUOTE,
  QUOTE_LINE,
} from './standard-objects/products-and-quotes.ts'
import { EMAIL_TEMPLATE, RECORD_TYPE } from './standard-objects/record-type-and-template.ts'
import {
  ASSET,
  CASE_COMMENT,
  EMAIL_MESSAGE,
  ENTITLEMENT,
  SERVICE_CONTRACT,
  SOLUTION,
  WORK_ORDER,
} from './standard-objects/service.ts'
import { EVENT, TASK } from './standard-objects/task-and-event.ts'

/**
 * Salesforce's own objects that every org here has, with the fields of the object reference that concern
 * records, rules and messages. Their references point to each other only.
 */
export const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  ACCOUNT,
  CONTACT,
  LEAD,
  OPPORTUNITY,
  CASE,
  TASK,
  EVENT,
  CAMPAIGN,
  CONTRACT,
  CAMPAIGN_MEMBER,
  PRODUCT,
  PRICE_BOOK,
  PRICE_BOOK_ENTRY,
  OPPORTUNITY_PRODUCT,
  QUOTE,
  QUOTE_LINE,
  ORDER,
  ORDER_PRODUCT,
  CASE_COMMENT,
  EMAIL_MESSAGE,
  ASSET,
  SERVICE_CONTRACT,
  ENTITLEMENT,
  WORK_ORDER,
  SOLUTION,
  USER,
  PROFILE,
  USER_ROLE,
  GROUP,
  ORGANIZATION,
  RECORD_TYPE,
  EMAIL_TEMPLATE,
  PERMISSION_SET,
  PERMISSION_SET_ASSIGNMENT,
  GROUP_MEMBER,
  ACCOUNT_TEAM_MEMBER,
  OPPORTUNITY_TEAM_MEMBER,
  CASE_TEAM_ROLE,
  CASE_TEAM_MEMBER,
]
