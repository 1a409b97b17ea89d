import { text } from '../../src/schema/define-field.ts'
import { writeWsdl } from '../../src/wire/wsdl.ts'
import { MESSAGE_FIELDS } from './bench-project.ts'

/** The object of the messages that the load posts. */
export const MESSAGE_OBJECT = 'Plain__c'

/** The WSDL of those messages, as OBM writes it: every field a text, as the load sends them. */
export function messageWsdl(): string {
  return writeWsdl({
    messageName: 'Tell',
    objectName: MESSAGE_OBJECT,
    fields: MESSAGE_FIELDS.map((name) => text(name, 255)),
    endpointUrl: 'http://127.0.0.1/',
    generatedAt: Date.now(),
  })
}
