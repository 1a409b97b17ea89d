"""Reads a WSDL with zeep, and messages by it: prints what it knows of the service, then what each message says."""
import json
import sys

from lxml import etree
from zeep import Client

OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
XSD = "http://www.w3.org/2001/XMLSchema"
wsdl, *messages = sys.argv[1:]
client = Client(wsdl)
[(service_name, service)] = client.wsdl.services.items()
[(port_name, port)] = service.ports.items()
account = client.get_type("{urn:sobject.enterprise.soap.sforce.com}Account")
print(json.dumps({
    "service": service_name,
    "port": port_name,
    "address": port.binding_options["address"],
    "operations": {name: [operation.input.signature(), operation.output.signature()]
                   for name, operation in port.binding._operations.items()},
    "types": sorted(each.name for each in client.wsdl.types.types if each.name and each.qname.namespace != XSD),
    "fields": {name: element.type.name for name, element in account.elements},
}))


def plain(value):
    return value if isinstance(value, (bool, int, float, str)) or value is None else value.isoformat()


for file in messages:
    body = etree.parse(file).find(".//" + OUTBOUND + "notifications")
    message = client.get_element(OUTBOUND + "notifications").parse(body, client.wsdl.types)
    for each in message.Notification:
        record = {name: plain(each.sObject[name]) for name, _ in account.elements if name != "fieldsToNull"}
        print(json.dumps({
            "organizationId": message.OrganizationId,
            "actionId": message.ActionId,
            "sessionId": message.SessionId,
            "notificationId": each.Id,
            "record": {name: value for name, value in record.items() if value is not None},
        }))
