import {
  checkbox,
  field,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
} from '../define-field.ts'

/** PermissionSet: what may be given to users besides their profile. The project's files make them. */
export const PERMISSION_SET = standardObject(
  'PermissionSet',
  '0PS',
  'Permission Set|Permission Sets',
  [
    text('Name', 80, { label: 'Permission Set Name', ...REQUIRED }),
    text('Label', 80, { label: 'Permission Set Label', ...REQUIRED }),
    text('Description', 255),
    reference('ProfileId', ['Profile'], READ_ONLY),
    checkbox('IsOwnedByProfile', READ_ONLY),
    checkbox('IsCustom', READ_ONLY),
  ],
)

/** PermissionSetAssignment: that a user has a permission set. */
export const PERMISSION_SET_ASSIGNMENT = standardObject(
  'PermissionSetAssignment',
  '0Pa',
  'Permission Set Assignment|Permission Set Assignments',
  [
    reference('PermissionSetId', ['PermissionSet'], REQUIRED),
    reference('AssigneeId', ['User'], REQUIRED),
    field('ExpirationDate', 'datetime'),
  ],
)
