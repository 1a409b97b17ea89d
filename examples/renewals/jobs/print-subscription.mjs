// The job: gets the DJMessage on standard input and prints what it says of the subscription.
import { text } from 'node:stream/consumers'

const message = await text(process.stdin)
const value = (name) => message.match(new RegExp(`<sf:${name}>([^<]*)</sf:${name}>`))?.[1] ?? '-'

console.log(
  `${value('Name')} of ${value('Account_Name__c')}: ${value('Status__c')}, ` +
    `renewal ${value('Renewal__c')}, ${value('Monthly_Amount__c')} a month`,
)
