// The draft's decision table (section "Interpretation of replies") as two functions, and the rule
// for several hosts. Nothing here knows a connection, a timer or an address.
#include "cbv/decision.hpp"

#include "cbv/softening.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cbv {

namespace {

[[noreturn]] void no_such_cell(stage at, std::string_view event) {
    throw std::logic_error("cbv::decide: the decision table has no cell for " + std::string(event) +
                           " at stage " + std::string(to_string(at)));
}

ruling go_on() {
    return {next_step::next_stage, std::nullopt, cause::accepted, {}};
}

ruling protocol_error() {
    return {next_step::next_host, verdict_kind::tempfail, cause::protocol_error, "CBV-DLG-012"};
}

// 4yz before RCPT. A 421 says that the host closes, and counts as 451 (CBV-INT-010).
ruling temporary(int code) {
    return {next_step::next_host,
            verdict_kind::tempfail,
            cause::temporary_reply,
            code == 421 ? "CBV-INT-010" : "CBV-INT-004"};
}

// The host refuses us before it knows the path.
ruling refuses_us() {
    return {next_step::next_host, verdict_kind::unverifiable, cause::prober_refused, "CBV-INT-008"};
}

// Codes on our command, not on the path: syntax, sequence, parameters, authentication required.
bool is_command_code(int code) {
    return (code >= 500 && code <= 504) || code == 530 || code == 555;
}

// 5yz to MAIL or RCPT. It ends the call whatever it means: no other host is asked for a better
// answer (CBV-INT-011). Of several readings the softest counts.
ruling refuses_path(stage at, const reply& r, const decision_options& options) {
    const auto end = [](verdict_kind kind, cause why, requirement_id requirement) {
        return ruling{next_step::end, kind, why, requirement};
    };
    if (is_command_code(r.code))
        return end(verdict_kind::unverifiable, cause::command_refused, "CBV-INT-009");
    const auto softer = softens(at, r);
    if (softer == softening::policy)
        return end(verdict_kind::unverifiable, cause::prober_refused, "CBV-INT-006");
    // RFC 5321 section 4.5.3.1.10 has clients read 552 as 452.
    if (r.code == 552 || softer == softening::storage)
        return end(verdict_kind::tempfail, cause::storage_reply, "CBV-INT-005");
    if (softer == softening::temporary)
        return end(verdict_kind::tempfail, cause::temporary_reply, "CBV-INT-005");
    if (at == stage::rcpt)
        return end(verdict_kind::fail, cause::mailbox_refused, "CBV-INT-003");
    // The host was not yet told the path, so it has not spoken about it.
    return end(options.null_sender_fails ? verdict_kind::fail : verdict_kind::unverifiable,
               cause::null_sender_refused,
               "CBV-INT-007");
}

// The reply that ends the control question. Only consent gives the host standing; what was refused
// before is known already, so that no reply here can make it better or worse than that.
ruling answers_control(const reply& r) {
    if (r.klass() == 2)
        return {next_step::end, verdict_kind::fail, cause::mailbox_refused, "CBV-INT-015"};
    return decide_no_standing();
}

ruling decide_negative(stage at, const reply& r, const decision_options& options) {
    const bool permanent = r.klass() == 5;
    switch (at) {
    case stage::greeting:
    case stage::helo:
        return permanent ? refuses_us() : temporary(r.code);
    case stage::ehlo:
        if (!permanent)
            return temporary(r.code);
        if (r.code == 500 || r.code == 501 || r.code == 502 || r.code == 504)
            return {next_step::try_helo, std::nullopt, cause::command_refused, "CBV-DLG-002"};
        return refuses_us();
    case stage::starttls:
        return {next_step::clear, std::nullopt, cause::tls_failure, "CBV-DLG-015"};
    case stage::noop:
        return r.code == 421 ? temporary(r.code) : go_on();
    case stage::mail:
        return permanent ? refuses_path(at, r, options) : temporary(r.code);
    case stage::rcpt:
        if (permanent)
            return refuses_path(at, r, options);
        // Greylisting hosts of one preference share their memory or not; asking the next one looks
        // like spam in either case (CBV-GREY-001).
        return {next_step::next_preference,
                verdict_kind::tempfail,
                cause::temporary_reply,
                r.code == 421 ? "CBV-INT-010" : "CBV-GREY-001"};
    default:
        no_such_cell(at, "a reply");
    }
}

} // namespace

ruling decide(stage at, const reply& r, const decision_options& options) {
    switch (at) {
    case stage::greeting:
    case stage::ehlo:
    case stage::helo:
    case stage::starttls:
    case stage::noop:
    case stage::mail:
    case stage::rcpt:
        break;
    case stage::control:
        return answers_control(r);
    default:
        no_such_cell(at, "a reply");
    }
    switch (r.klass()) {
    case 2:
        // 251 and 252 as well: the host would take the bounce (CBV-INT-002).
        if (at == stage::rcpt)
            return {next_step::end, verdict_kind::pass, cause::accepted, "CBV-INT-002"};
        return go_on();
    case 4:
    case 5:
        return decide_negative(at, r, options);
    default:
        return protocol_error();
    }
}

ruling decide(stage at, fault f) {
    if (at == stage::eligibility)
        no_such_cell(at, "a fault");
    if (at == stage::mx_lookup)
        return {next_step::end, verdict_kind::tempfail, cause::dns_failure, "CBV-MX-010"};
    if (at == stage::address_lookup)
        return {next_step::next_host, verdict_kind::tempfail, cause::dns_failure, "CBV-MX-011"};

    if (at == stage::control)
        return decide_no_standing();

    ruling cell{next_step::next_host, verdict_kind::tempfail, cause::timeout, "CBV-TIME-004"};
    switch (f) {
    case fault::timeout:
        break;
    case fault::refused:
        cell.why = cause::connection_refused;
        cell.requirement = "CBV-INT-010";
        break;
    case fault::lost:
        cell.why = cause::connection_lost;
        cell.requirement = "CBV-INT-010";
        break;
    case fault::protocol:
        cell.why = cause::protocol_error;
        cell.requirement = "CBV-DLG-012";
        break;
    case fault::tls:
        cell.why = cause::tls_failure;
        cell.requirement = "CBV-DLG-015";
        break;
    case fault::local: // nothing is known of the host
        cell.why = cause::limit;
        cell.requirement = "CBV-INT-010";
        break;
    }
    if (at == stage::quit) {
        // The verdict was fixed before QUIT and stands.
        cell.then = next_step::end;
        cell.kind = std::nullopt;
        cell.requirement = "CBV-DLG-009";
    }
    return cell;
}

ruling decide_no_standing() {
    return {next_step::end, verdict_kind::unverifiable, cause::no_standing, "CBV-INT-015"};
}

ruling decide_smtputf8_missing() {
    return {next_step::next_host, verdict_kind::fail, cause::smtputf8_missing, "CBV-ADDR-007"};
}

ruling decide_left_alone() {
    return {next_step::next_host, verdict_kind::unverifiable, cause::hold_off, "CBV-LOAD-008"};
}

namespace {

bool lacks_smtputf8(const host_outcome& host) {
    return host.result.why == cause::smtputf8_missing;
}

// A `fail` that one host can give for all. The lack of an extension is not one: another host may
// have it.
bool condemns(const host_outcome& host) {
    return host.result.kind == verdict_kind::fail && !lacks_smtputf8(host);
}

// An outcome that is missing counts as not known now.
bool gave_tempfail(const host_outcome& host) {
    return host.result.kind.value_or(verdict_kind::tempfail) == verdict_kind::tempfail;
}

combined take(const call_summary& call, std::size_t index) {
    const ruling& r = call.hosts[index].result;
    return {r.kind.value_or(verdict_kind::tempfail), r.why, r.requirement, index};
}

// The last host for which `test` holds, or nothing.
template <class Test>
std::optional<std::size_t> last(const call_summary& call, Test test) {
    for (std::size_t i = call.hosts.size(); i-- > 0;) {
        if (test(call.hosts[i]))
            return i;
    }
    return std::nullopt;
}

// CBV-SMX-002: a less preferred host may acquit, but only the best may condemn. What counts as
// "gave no verdict": neither pass nor fail from a host asked, or a lookup that failed temporarily.
// A host skipped as prohibited or without an address does not count: no bounce of ours can ever
// reach it, so the refusing host is the best there is.
combined condemn(const call_summary& call, std::size_t index) {
    const unsigned preference = call.hosts[index].preference;
    const auto better = [&](const host_outcome& host) {
        return host.preference < preference && !condemns(host);
    };
    auto silent =
        last(call, [&](const host_outcome& host) { return better(host) && gave_tempfail(host); });
    if (!silent)
        silent = last(call, better);
    if (silent)
        return {verdict_kind::tempfail, call.hosts[*silent].result.why, "CBV-SMX-002", index};
    if (call.failed_lookup_preference && *call.failed_lookup_preference < preference)
        return {verdict_kind::tempfail, cause::dns_failure, "CBV-SMX-002", index};
    // What we did not ask will not be asked the next time either.
    if (call.untried_preference && *call.untried_preference < preference)
        return {verdict_kind::unverifiable, cause::limit, "CBV-HOST-011", index};
    return take(call, index);
}

combined without_hosts(const call_summary& call) {
    if (call.failed_lookup_preference)
        return {verdict_kind::tempfail, cause::dns_failure, "CBV-MX-011", std::nullopt};
    // Addresses or names that we chose not to ask: our limit, no statement on the domain.
    if (call.had_candidates || call.untried_candidates)
        return {verdict_kind::unverifiable, cause::limit, "CBV-HOST-011", std::nullopt};
    if (call.own_address)
        return {verdict_kind::unverifiable, cause::own_host, "CBV-ELIG-018", std::nullopt};
    if (call.prohibited_candidates)
        return {verdict_kind::fail, cause::hosts_prohibited, "CBV-HOST-006", std::nullopt};
    if (call.implicit_mx)
        return {call.soft_nxdomain ? verdict_kind::tempfail : verdict_kind::fail,
                cause::no_address,
                "CBV-MX-009",
                std::nullopt};
    return {verdict_kind::fail, cause::no_address, "CBV-MX-011", std::nullopt};
}

} // namespace

combined combine(const call_summary& call) {
    const auto& hosts = call.hosts;
    if (hosts.empty())
        return without_hosts(call);

    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (hosts[i].result.kind == verdict_kind::pass)
            return take(call, i);
    }
    const auto is_we_or_worse = [&](const host_outcome& host) {
        return call.own_preference && host.preference >= *call.own_preference;
    };
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (condemns(hosts[i]) && !is_we_or_worse(hosts[i]))
            return condemn(call, i);
    }

    // A statement that only all hosts together can make. A host that was not asked, or could not
    // be, might say otherwise.
    const bool all_asked = !call.untried_candidates && !call.failed_lookup_preference;
    if (all_asked && std::all_of(hosts.begin(), hosts.end(), lacks_smtputf8))
        return {verdict_kind::fail, cause::smtputf8_missing, "CBV-ADDR-007", hosts.size() - 1};

    if (const auto host = last(call, gave_tempfail))
        return take(call, *host);
    if (call.failed_lookup_preference)
        return {verdict_kind::tempfail, cause::dns_failure, "CBV-INT-011", std::nullopt};
    // Candidates left unasked gave nothing, so they turn `unverifiable` into no `tempfail`: in most
    // cases the refusal of us itself ended the call (CBV-INT-011).
    if (const auto host = last(call, [](const host_outcome& h) {
            return h.result.kind == verdict_kind::unverifiable;
        }))
        return take(call, *host);
    // A refusal by a host that we should not have called.
    if (const auto host = last(call, condemns))
        return {verdict_kind::unverifiable, cause::own_host, "CBV-HOST-010", host};
    // Only hosts without SMTPUTF8, and some were left unasked by our own bound.
    return {verdict_kind::unverifiable, cause::limit, "CBV-HOST-011", std::nullopt};
}

} // namespace cbv
