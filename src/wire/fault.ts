import { escapeXmlText } from '../base/xml.ts'
import { SOAP_NAMESPACE } from './envelope.ts'

/**
 * A SOAP 1.1 fault. `faultcode` is `Client` when the sender must change something, `Server` when a retry may
 * do; `detailCode` is the stable code of the refusal.
 */
export type SoapFault = {
  readonly faultcode: 'Client' | 'Server'
  readonly faultstring: string
  readonly detailCode: string
}

/** The body of a refusal, to be sent as `text/xml; charset=UTF-8` with a status of 400 or above. */
export function writeFault({ faultcode, faultstring, detailCode }: SoapFault): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE}">
 <soapenv:Body>
  <soapenv:Fault>
   <faultcode>soapenv:${faultcode}</faultcode>
   <faultstring>${escapeXmlText(faultstring)}</faultstring>
   <detail>
    <code>${escapeXmlText(detailCode)}</code>
   </detail>
  </soapenv:Fault>
 </soapenv:Body>
</soapenv:Envelope>`
}
