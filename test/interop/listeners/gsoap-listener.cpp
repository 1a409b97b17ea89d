// A listener with gSOAP, generated from our WSDL: says its URL, then a line of JSON for each notification.
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include "NotificationBinding.nsmap"
#include "soapNotificationBindingService.h"

static std::string json(const std::string &text) {
  std::string out = "\"";
  for (unsigned char each : text) {
    char code[8];
    if (each == '"' || each == '\\') out += '\\';
    if (each < ' ') std::snprintf(code, sizeof code, "\\u%04x", each), out += code;
    else out += static_cast<char>(each);
  }
  return out + '"';
}

static std::string json(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

static std::string json(int value) { return std::to_string(value); }

static std::string json(bool value) { return value ? "true" : "false"; }

static std::string json(time_t value) {
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&value));
  return json(std::string(text));
}

template <class T> static std::string field(const char *name, const T *value) {
  return value ? std::string(",\"") + name + "\":" + json(*value) : "";
}

static std::string record(const ns3__Account &account) {
  return "{\"Id\":" + json(*account.Id)
#define FIELD(name, member) + field(name, account.member)
#include "fields.inc"
#undef FIELD
         + "}";
}

class Listener : public NotificationBindingService {
public:
  Listener() : NotificationBindingService(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_XML_STRICT) {}
  NotificationBindingService *copy() override { return nullptr; }

  int notifications(_ns1__notifications *message, _ns1__notificationsResponse &response) override {
    for (const auto *each : message->Notification) {
      std::cout << "{\"organizationId\":" << json(message->OrganizationId) << ",\"actionId\":" << json(message->ActionId)
                << ",\"sessionId\":" << (message->SessionId ? json(*message->SessionId) : "null")
                << ",\"notificationId\":" << json(each->Id) << ",\"record\":" << record(*each->sObject) << "}" << std::endl;
    }
    response.Ack = true;
    return SOAP_OK;
  }
};

int main() {
  Listener listener;
  if (!soap_valid_socket(listener.bind("127.0.0.1", 0, 16))) return 1;
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(listener.soap->master, reinterpret_cast<sockaddr *>(&address), &length);
  std::cerr << "listening on http://127.0.0.1:" << ntohs(address.sin_port) << "/" << std::endl;
  while (soap_valid_socket(listener.accept())) {
    if (listener.serve() != SOAP_OK) listener.soap_print_fault(stderr);
    listener.destroy();
  }
}
