// The job: gets the DJMessage on standard input and prints what it says of the account.
import { text } from 'node:stream/consumers'

const message = await text(process.stdin)
const value = (name) => message.match(new RegExp(`<sf:${name}>([^<]*)</sf:${name}>`))?.[1] ?? '-'

console.log(`${process.env.OBM_PROPERTY_RECORD_ID}: ${value('Name')} in ${value('BillingCity')}`)
