"""A listener with spyne: says its URL, then a line of JSON for each notification."""
import json
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from spyne import Application, Boolean, ComplexModel, Date, DateTime, Double, Integer32, ServiceBase, Time, Unicode, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
SOBJECT = "urn:sobject.enterprise.soap.sforce.com"
TYPES = {"string": Unicode, "double": Double, "int": Integer32, "boolean": Boolean, "date": Date, "dateTime": DateTime, "time": Time}

# The fields and their types, as the WSDL has them: name=type …
fields = dict(pair.split("=") for pair in sys.argv[1:])


class Account(ComplexModel):
    __namespace__ = SOBJECT
    _type_info = [("Id", Unicode)] + [(name, TYPES[kind]) for name, kind in fields.items()]


class AccountNotification(ComplexModel):
    __namespace__ = OUTBOUND
    _type_info = [("Id", Unicode), ("sObject", Account)]


class Listener(ServiceBase):
    @rpc(Unicode, Unicode, Unicode, Unicode, Unicode, AccountNotification.customize(max_occurs=100),
         _in_arg_names={"organization_id": "OrganizationId", "action_id": "ActionId", "session_id": "SessionId",
                        "enterprise_url": "EnterpriseUrl", "partner_url": "PartnerUrl", "notifications": "Notification"},
         _operation_name="notifications", _returns=Boolean, _out_variable_name="Ack")
    def take(ctx, organization_id, action_id, session_id, enterprise_url, partner_url, notifications):
        for each in notifications:
            record = {name: getattr(each.sObject, name) for name in ["Id", *fields]}
            print(json.dumps({
                "organizationId": organization_id,
                "actionId": action_id,
                "sessionId": session_id,
                "notificationId": each.Id,
                "record": {name: value if isinstance(value, (bool, int, float, str)) else value.isoformat()
                           for name, value in record.items() if value is not None},
            }), flush=True)
        return True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


application = Application([Listener], OUTBOUND, in_protocol=Soap11(), out_protocol=Soap11())
server = make_server("127.0.0.1", 0, WsgiApplication(application), handler_class=Quiet)
print(f"listening on http://127.0.0.1:{server.server_port}/", file=sys.stderr, flush=True)
server.serve_forever()
