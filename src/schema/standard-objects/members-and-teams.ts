import { picklist, REQUIRED, reference, standardObject, text } from '../define-field.ts'

const ACCESS = '*Read|Edit|All|None'
const TEAM_ROLES =
  'Account Manager|Channel Manager|Executive Sponsor|Lead Qualifier|Pre-Sales Consultant|Sales Manager|Sales Rep'

/** GroupMember: a user, or another group, in a public group or queue. */
export const GROUP_MEMBER = standardObject('GroupMember', '011', 'Group Member|Group Members', [
  reference('GroupId', ['Group'], REQUIRED),
  reference('UserOrGroupId', ['User', 'Group'], {
    label: 'User/Group ID',
    relationshipName: 'UserOrGroup',
    ...REQUIRED,
  }),
])

/** AccountTeamMember: a user with a role in the team of an account. */
export const ACCOUNT_TEAM_MEMBER = standardObject(
  'AccountTeamMember',
  '01M',
  'Account Team Member|Account Team Members',
  [
    reference('AccountId', ['Account'], REQUIRED),
    reference('UserId', ['User'], REQUIRED),
    picklist('TeamMemberRole', TEAM_ROLES, { label: 'Team Role' }),
    picklist('AccountAccessLevel', ACCESS),
  ],
)

/** OpportunityTeamMember: a user with a role in the team of an opportunity. */
export const OPPORTUNITY_TEAM_MEMBER = standardObject(
  'OpportunityTeamMember',
  '00q',
  'Opportunity Team Member|Opportunity Team Members',
  [
    reference('OpportunityId', ['Opportunity'], REQUIRED),
    reference('UserId', ['User'], REQUIRED),
    text('Name', 361),
    picklist('TeamMemberRole', TEAM_ROLES, { label: 'Team Role' }),
    picklist('OpportunityAccessLevel', ACCESS),
  ],
)

/** CaseTeamRole: what somebody may be in the team of a case. */
export const CASE_TEAM_ROLE = standardObject(
  'CaseTeamRole',
  '0B7',
  'Case Team Member Role|Case Team Member Role',
  [text('Name', 80, REQUIRED), picklist('AccessLevel', ACCESS)],
)

/** CaseTeamMember: a user or contact with a role in the team of a case. */
export const CASE_TEAM_MEMBER = standardObject(
  'CaseTeamMember',
  '0B6',
  'Case Team Member|Case Team Members',
  [
    reference('ParentId', ['Case'], REQUIRED),
    reference('MemberId', ['User', 'Contact'], REQUIRED),
    reference('TeamRoleId', ['CaseTeamRole'], REQUIRED),
  ],
)
