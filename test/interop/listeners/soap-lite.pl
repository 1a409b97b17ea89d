# A listener with Perl's SOAP::Lite: `perl soap-lite.pl` says its URL, then a line of JSON for each notification.
use strict;
use warnings;
use JSON::PP;
use SOAP::Lite;
use SOAP::Transport::HTTP;

my $json = JSON::PP->new->utf8->canonical->allow_nonref->allow_blessed->convert_blessed;

package Listener;
our @ISA = ('SOAP::Server::Parameters');

sub notifications {
    my $som = pop @_;
    my $message = '/Envelope/Body/notifications';
    for my $notification ($som->valueof("$message/Notification")) {
        print $json->encode({
            organizationId => scalar $som->valueof("$message/OrganizationId"),
            actionId       => scalar $som->valueof("$message/ActionId"),
            sessionId      => scalar $som->valueof("$message/SessionId"),
            notificationId => $notification->{Id},
            record         => { %{ $notification->{sObject} } },
        }), "\n";
    }
    return SOAP::Data->name('Ack')->value('true')->type('boolean');
}

package main;

$| = 1;
my $daemon = SOAP::Transport::HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => 0)
    ->dispatch_with({ 'http://soap.sforce.com/2005/09/outbound' => 'Listener' });
print STDERR 'listening on ', $daemon->url, "\n";
$daemon->handle;
