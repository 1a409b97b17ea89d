import {
  checkbox,
  double,
  field,
  int,
  owner,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'

/** RecordType: a kind of records of one object. */
export const RECORD_TYPE = standardObject('RecordType', '012', 'Record Type|Record Types', [
  text('Name', 80, REQUIRED),
  text('DeveloperName', 80, REQUIRED),
  text('NamespacePrefix', 15, READ_ONLY),
  text('Description', 255),
  text('SobjectType', 40, { label: 'SObject Type Name', ...REQUIRED }),
  checkbox('IsActive'),
])

/** EmailTemplate: what an e-mail alert writes. */
export const EMAIL_TEMPLATE = standardObject(
  'EmailTemplate',
  '00X',
  'Email Template|Email Templates',
  [
    text('Name', 80, { label: 'Email Template Name', ...REQUIRED }),
    text('DeveloperName', 80, { label: 'Template Unique Name', ...REQUIRED }),
    text('NamespacePrefix', 15, READ_ONLY),
    owner('User'),
    reference('FolderId', ['Organization', 'User']),
    picklist(
      'TemplateStyle',
      '*none|freeForm|formalLetter|promotionRight|promotionLeft|newsletter|products',
      {
        restricted: true,
        label: 'Style',
      },
    ),
    checkbox('IsActive', { label: 'Available For Use' }),
    picklist('TemplateType', '*text|html|custom|visualforce', { restricted: true }),
    picklist(
      'Encoding',
      '*UTF-8|ISO-8859-1|Shift_JIS|ISO-2022-JP|EUC-JP|ks_c_5601-1987|Big5|GB2312',
    ),
    textArea('Description', 600),
    text('Subject', 1000),
    textArea('HtmlValue', 384000, { label: 'HTML Value' }),
    textArea('Body', 384000, { label: 'Email Body' }),
    int('TimesUsed', 9, READ_ONLY),
    field('LastUsedDate', 'datetime', READ_ONLY),
    double('ApiVersion', 1),
  ],
)
