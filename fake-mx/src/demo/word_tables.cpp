// The tables of fakemx/demo/words.hpp. Verdicts are those of the draft's reply table for a verifier
// whose timers are a few seconds; a test asks `cbv` about every example and compares.
#include "fakemx/demo/words.hpp"

namespace cbv::fakemx::demo {
namespace {

using enum cause;
using v = verdict_kind;

// clang-format off
constexpr named_reply replies[] = {
    {"bad", at::rcpt, "550", "5.1.1", "No such user", v::fail, mailbox_refused},
    {"disabled", at::rcpt, "550", "5.2.1", "Mailbox disabled", v::tempfail, temporary_reply},
    {"moved", at::rcpt, "551", "5.1.6", "User has moved", v::fail, mailbox_refused},
    {"full", at::rcpt, "452", "4.2.2", "Mailbox full", v::tempfail, temporary_reply},
    {"overquota", at::rcpt, "552", "5.2.2", "Over quota", v::tempfail, storage_reply},
    {"busy", at::rcpt, "450", "4.2.1", "Mailbox busy", v::tempfail, temporary_reply},
    {"policy", at::rcpt, "550", "5.7.1", "Refused by policy", v::unverifiable, prober_refused},
    {"relay", at::rcpt, "554", "5.7.1", "Relaying denied", v::unverifiable, prober_refused},
    {"smtputf8", at::rcpt, "553", "5.6.7", "SMTPUTF8 needed", v::unverifiable, prober_refused},
    {"needs-auth", at::rcpt, "530", "5.7.0", "Authentication required", v::unverifiable, command_refused},
    {"needs-tls", at::rcpt, "530", "5.7.0", "STARTTLS first", v::unverifiable, command_refused},
    {"closing", at::rcpt, "421", "4.3.2", "Closing down", v::tempfail, temporary_reply},
    {"spam", at::message, "554", "5.7.1", "This looks like spam", v::pass, accepted},
    {"toobig", at::message, "552", "5.3.4", "Message too big", v::pass, accepted},
};

constexpr effect_word effects[] = {
    {effect::slow, "slow", "[-TIME]", "-2s", "waits (5s) before the reply", v::pass, accepted},
    {effect::drip, "drip", "[-TIME]", "-20ms",
     "sends the reply octet by octet, so much time (200ms) apart", v::pass, accepted},
    {effect::split, "split", "[-TIME]", "",
     "sends the reply in two pieces, so much time (200ms) apart", v::pass, accepted},
    {effect::multiline, "multiline", "[-N]", "", "a reply of N (3) lines", v::pass, accepted},
    {effect::longline, "longline", "", "",
     "a reply line of over 2000 octets (512 are allowed)", v::pass, accepted},
    {effect::bare_lf, "bare-lf", "", "",
     "ends the lines of the reply with LF alone", v::pass, accepted},
    {effect::mixed, "mixed", "", "",
     "a reply whose lines differ in their code: 250-, then 550", v::tempfail, protocol_error},
    {effect::half, "half", "", "",
     "sends half the reply, then closes the connection", v::tempfail, connection_lost},
    {effect::garbage, "garbage", "", "",
     "sends what is no SMTP reply", v::tempfail, protocol_error},
    {effect::endless, "endless", "", "",
     "a reply whose last line never comes", v::tempfail, protocol_error},
    {effect::drop, "drop", "", "",
     "closes the connection (FIN); with a code: after that reply", v::tempfail, connection_lost},
    {effect::reset, "reset", "", "",
     "resets the connection (RST) likewise", v::tempfail, connection_lost},
    {effect::silent, "silent", "", "",
     "says nothing any more, and leaves the connection open", v::tempfail, timeout},
    {effect::grey, "grey", "[-Nx|-TIME]", "",
     "only the first (N) tries, or those before TIME has passed, get this (451 4.7.1)",
     v::tempfail, temporary_reply},
    {effect::limit, "limit", "-N[-TIME]", "-1",
     "N tries within TIME (1m) are free, those after them get this (451 4.7.1)", v::pass, accepted},
};

constexpr site_word sites[] = {
    {site_fault::nxdomain, "nxdomain", "", "",
     "the domain does not exist", v::fail, domain_not_found},
    {site_fault::servfail, "servfail", "", "", "DNS answers SERVFAIL", v::tempfail, dns_failure},
    {site_fault::dns_refused, "dns-refused", "", "",
     "DNS answers REFUSED", v::tempfail, dns_failure},
    {site_fault::dns_formerr, "dns-formerr", "", "",
     "DNS answers FORMERR", v::tempfail, dns_failure},
    {site_fault::dns_notimp, "dns-notimp", "", "", "DNS answers NOTIMP", v::tempfail, dns_failure},
    {site_fault::dns_silent, "dns-silent", "", "", "DNS never answers", v::tempfail, dns_failure},
    {site_fault::dns_slow, "dns-slow", "[-TIME]", "-300ms",
     "DNS waits (5s) before each answer", v::pass, accepted},
    {site_fault::dns_truncate, "dns-truncate", "", "",
     "DNS truncates over UDP and answers over TCP", v::pass, accepted},
    {site_fault::dns_wrong_id, "dns-wrong-id", "", "",
     "DNS answers with another id", v::tempfail, dns_failure},
    {site_fault::dns_garbage, "dns-garbage", "", "",
     "DNS answers with no DNS message", v::tempfail, dns_failure},
    {site_fault::dns_empty, "dns-empty", "", "",
     "DNS answers with an empty datagram", v::tempfail, dns_failure},
    {site_fault::null_mx, "nullmx", "", "",
     "the null MX: the domain takes no mail (RFC 7505)", v::fail, null_mx},
    {site_fault::no_mx, "no-mx", "", "", "no MX record, only an address", v::pass, accepted},
    {site_fault::no_address, "no-address", "", "",
     "the MX host has no address", v::fail, no_address},
    {site_fault::mx_nxdomain, "mx-nxdomain", "", "",
     "the MX host does not exist", v::fail, no_address},
    {site_fault::mx_servfail, "mx-servfail", "", "",
     "SERVFAIL for the MX host's address", v::tempfail, dns_failure},
    {site_fault::mx_alias, "mx-alias", "", "", "the MX host is a CNAME", v::pass, accepted},
    {site_fault::mx_literal, "mx-literal", "", "",
     "the MX record has an IP address for a name", v::fail, no_address},
    {site_fault::alias, "alias", "", "", "the domain is a CNAME", v::pass, accepted},
    {site_fault::loopback_mx, "loopback-mx", "", "",
     "the MX host's address is 127.0.0.1", v::fail, hosts_prohibited},
    {site_fault::private_mx, "private-mx", "", "",
     "the MX host's address is 10.0.0.1", v::fail, hosts_prohibited},
    {site_fault::unspecified_mx, "unspecified-mx", "", "",
     "the MX host's address is 0.0.0.0", v::fail, hosts_prohibited},
    {site_fault::v6only, "v6only", "", "",
     "the MX host has an IPv6 address only", v::pass, accepted},
    {site_fault::dual_stack, "dual-stack", "", "",
     "the MX host has addresses of both families", v::pass, accepted},
    {site_fault::refused, "refused", "", "",
     "the MX host refuses connections", v::tempfail, connection_refused},
    {site_fault::blackhole, "blackhole", "", "",
     "connecting to the MX host hangs", v::tempfail, timeout},
    {site_fault::many_refused, "many-refused", "", "",
     "ten MX hosts, all refuse connections", v::tempfail, connection_refused},
    {site_fault::first, "first", "-WORD", "-refused",
     "of two MX hosts the first one is in trouble (refused, banner-421 ...)", v::pass, accepted},
    {site_fault::without, "no", "-KEYWORD", "-smtputf8",
     "EHLO does not offer this keyword", v::pass, accepted},
    {site_fault::catch_all, "catch-all", "", "", "accepts unknown names, too", v::pass, accepted},
};

constexpr word_example examples_of_addresses[] = {
    {"NNN[-X.Y.Z]", "550-5.1.1",
     "this reply code and enhanced code; 421 closes, too", v::fail, mailbox_refused},
    {"STAGE-NNN[-X.Y.Z]", "rcpt-451", "the same at this stage", v::tempfail, temporary_reply},
    {"rcpt-WORD", "rcpt-drop",
     "this for the reply to RCPT, even of a sender", v::tempfail, connection_lost},
    {"mail-WORD", "mail-slow-1s",
     "this for the reply to MAIL (the address has to be the sender)", v::fail, mailbox_refused},
    {"data-WORD", "data-554", "this for the reply to DATA", v::pass, accepted},
    {"message-WORD", "message-451-4.3.0",
     "this for the reply to the message, after its final dot", v::pass, accepted},
    {"quit-WORD", "quit-drop", "this for the reply to QUIT", v::pass, accepted},
    {"any-WORD", "any-slow-100ms", "this for every reply from here on", v::pass, accepted},
    {"WORD.WORD", "slow-1s.451-4.3.0",
     "several together: waits, then 451 4.3.0", v::tempfail, temporary_reply},
    {"WORD+TAG", "rcpt-550-5.1.1+list-7", "what stands behind + is yours", v::fail, mailbox_refused},
};

constexpr word_example examples_of_domains[] = {
    {"banner-WORD", "banner-554", "this for the greeting", v::unverifiable, prober_refused},
    {"", "banner-421", "not now, and closes", v::tempfail, temporary_reply},
    {"", "banner-521", "a host that takes no mail from this client, or from anybody (RFC 7504)", v::unverifiable, prober_refused},
    {"", "banner-silent", "no greeting ever comes", v::tempfail, timeout},
    {"ehlo-WORD", "ehlo-502",
     "this for the reply to EHLO (helo-WORD: HELO)", v::pass, accepted},
    {"auth-WORD", "auth-535", "this for the reply to AUTH", v::pass, accepted},
    {"mail-WORD", "mail-550", "this for the reply to MAIL", v::unverifiable, null_sender_refused},
    {"", "mail-451", "not now", v::tempfail, temporary_reply},
    {"WORD", "550-5.1.1",
     "this for every recipient of the domain, as with rcpt-WORD", v::fail, mailbox_refused},
    {"any-WORD", "any-slow-100ms", "this at every stage", v::pass, accepted},
    {"WORD.WORD", "banner-slow-1s.mail-451", "several together", v::tempfail, temporary_reply},
};
// clang-format on

constexpr std::string_view ordinary[] = {
    "good",
    "user",
    "alice",
    "bob",
    "carol",
    "dave",
    "test",
    "info",
    "me",
    "hello",
    "news",
    "postmaster",
    "abuse",
    "noreply",
    "recipient",
    "sender",
};

} // namespace

std::span<const named_reply> named_replies() noexcept {
    return replies;
}
std::span<const effect_word> effect_words() noexcept {
    return effects;
}
std::span<const site_word> site_words() noexcept {
    return sites;
}
std::span<const word_example> address_examples() noexcept {
    return examples_of_addresses;
}
std::span<const word_example> domain_examples() noexcept {
    return examples_of_domains;
}
std::span<const std::string_view> ordinary_names() noexcept {
    return ordinary;
}

} // namespace cbv::fakemx::demo
