# Sender verification as a MIMEDefang filter does it. The functions that matter are the package's own: those that know
# bogus addresses, as mimedefang-filter(5) shows their use, and md_check_against_smtp_server, which calls one
# host. MIMEDefang leaves it to the filter to find the hosts: by preference, and the next one when one says
# TEMPFAIL. What follows is that filter's part and nothing else.
use strict;
use warnings;
use Net::DNS;

# verify_sender(SENDER, HELO): what filter_sender returns, (CONTINUE | TEMPFAIL | REJECT, text, code, dsn).
sub verify_sender {
    my ($sender, $helo) = @_;
    $sender =~ s/^<(.*)>$/$1/s;
    return ('CONTINUE', 'ok') if $sender eq '';
    my ($domain) = $sender =~ /\@([^@]+)\z/s
        or return ('REJECT', 'Sender address has no domain', 553, '5.1.7');

    my ($literal) = $domain =~ /^\[(?:IPv6:)?(.*)\]$/i;
    my $public = ($literal // '') =~ /:/ ? \&is_public_ip6_address : \&is_public_ip4_address;
    my @bogus = defined $literal ? grep { !$public->($_) } $literal : md_get_bogus_mx_hosts($domain);
    return ('REJECT', "Domain $domain contains bogus MX record(s) " . join(', ', @bogus), 554, '5.7.1') if @bogus;

    my @hosts = $literal // ();
    if (!@hosts) {
        my $resolver = Net::DNS::Resolver->new(defnames => 0);
        @hosts = map { $_->exchange } mx($resolver, $domain);
        my $trouble = @hosts ? '' : $resolver->errorstring;
        return ('REJECT', "Domain $domain does not exist", 550, '5.1.8') if $trouble eq 'NXDOMAIN';
        return ('TEMPFAIL', "DNS trouble with $domain: $trouble", 451, '4.4.3') if $trouble !~ /^(NOERROR)?$/;
        @hosts = ($domain) if !@hosts;
    }
    my @answer;
    foreach my $host (@hosts) {
        @answer = md_check_against_smtp_server('<>', $sender, $helo, $host);
        last if $answer[0] ne 'TEMPFAIL';
    }
    return @answer;
}

1;
