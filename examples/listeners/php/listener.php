<?php
// A listener with PHP's own SoapServer. See ../README.md.

final class Listener
{
    /** PHP calls this for the operation of that name in the WSDL. Whatever is returned is the answer. */
    public function notifications(object $message): array
    {
        foreach ($message->Notification as $notification) {
            // Keep each notification safely before the answer goes out, and know it again by $notification->Id:
            // the same one may come twice.
            $record = $notification->sObject;
            unset($record->fieldsToNull);
            $this->say([
                'organizationId' => $message->OrganizationId,
                'actionId' => $message->ActionId,
                'sessionId' => $message->SessionId,
                'notificationId' => $notification->Id,
                'record' => $record,
            ]);
        }
        return ['Ack' => true];
    }

    private function say(array $line): void
    {
        $flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;
        file_put_contents('php://stdout', json_encode($line, $flags | JSON_THROW_ON_ERROR) . "\n");
    }
}

$server = new SoapServer(getenv('WSDL') ?: __DIR__ . '/account.wsdl', [
    'cache_wsdl' => WSDL_CACHE_NONE,
    // Without this one notification is an object, and several are an array of them.
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
]);
$server->setObject(new Listener());
$server->handle();
