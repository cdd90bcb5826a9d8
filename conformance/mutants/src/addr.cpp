// Mutants of section "Address Handling": local-parts that are changed, commands that are spelt
// wrongly, octets and lengths that ought not to travel, SMTPUTF8, address literals.
#include "blocks.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <regex>

namespace cbv::mutants {
namespace {

change with_local_part(std::function<void(std::string&)> f) {
    return with_mailbox([f](mailbox& box) { f(box.local_part); });
}

/// `from` becomes `to` in every local-part.
change normalises(const std::string& from, const std::string& to) {
    return with_local_part([from = std::regex(from), to](std::string& local) {
        local = std::regex_replace(local, from, to);
    });
}

std::string hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
}

std::string unhex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    return out;
}

constexpr std::string_view disguise = "disguised-";

/// A session that lets local-parts pass which the library would refuse: under a name it takes, and
/// which the dialogue turns back. Only the first octets fit.
change lets_pass(std::function<bool(std::string_view local)> f) {
    return rewrite_command([f](std::string& line, session&) {
               if (!begins(line, "MAIL"))
                   return;
               const auto path = path_in(line);
               const auto box = careless_mailbox(path);
               if (!box || !f(box->local_part))
                   return;
               line = "MAIL FROM:<" + std::string(disguise) + hex(box->local_part).substr(0, 50) +
                      "@" + box->domain + ">";
           }) +
           rewrite_sent([](std::string& octets) {
               const auto from = octets.find(disguise);
               const auto to = octets.find('@', from);
               if (from == octets.npos || to == octets.npos)
                   return;
               const auto digits =
                   octets.substr(from + disguise.size(), to - from - disguise.size());
               octets.replace(from, to - from, unhex(digits));
           });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7F;
    });
}

/// Every length is good. The call is made with less of the local-part, as the library would not
/// make it otherwise.
change any_length(std::function<bool(const mailbox&)> f) {
    return rewrite_reply([f](const std::string& command, reply& r, session& s) {
        if (!begins(command, "RCPT") || r.klass() != 2)
            return;
        auto box = careless_mailbox(path_in(s.mail));
        if (!box || !f(*box))
            return;
        box->local_part.resize(20);
        s.call = box;
    });
}

/// A domain with a label that `f` is true for is refused without a call.
change refuses_label(std::function<bool(std::string_view label)> f) {
    return edit_receiver({.verify = [f](const mailbox& box, session&) {
        std::string_view rest = box.domain;
        for (;;) {
            const auto dot = rest.find('.');
            if (f(rest.substr(0, dot))) {
                verdict v;
                give(v, verdict_kind::fail);
                v.why = cause::domain_not_found;
                return std::optional(v);
            }
            if (dot == rest.npos)
                return std::optional<verdict>();
            rest.remove_prefix(dot + 1);
        }
    }});
}

/// An exchange with a label that `f` is true for has no address.
change loses_exchange(std::function<bool(std::string_view name)> f) {
    return rewrite_dns([f](const act::query_dns& q, dns_answer& a, const std::string&) {
        if (q.type != record_type::mx && f(q.name))
            a.addresses.clear();
    });
}

bool has_underscore(std::string_view text) {
    return text.find('_') != text.npos;
}

/// "--" in the third and fourth place without "xn" before it.
bool has_reserved_hyphens(std::string_view label) {
    return label.substr(0, 4).ends_with("--") && label.size() >= 4 && !begins(label, "xn");
}

bool is_long_domain(std::string_view command) {
    const auto box = careless_mailbox(path_in(command));
    return box && box->domain.size() > max_domain;
}

void add_spelling(collection& all) {
    all.add({"addr-lower-case",
             "ADDR-001",
             "turns the local-part into lower case",
             {"address-altered"}},
            with_local_part([](std::string& local) { local = to_lower(local); }));
    all.add({"addr-dequoted",
             "ADDR-001",
             "takes the quotes off a quoted local-part",
             {"address-altered"}},
            rewrite_sent([](std::string& octets) {
                if (octets.starts_with("RCPT"))
                    replace_all(octets, "\"", "");
            }));
    all.add({"addr-apostrophe-dropped",
             "ADDR-001",
             "strips an apostrophe, as against injection",
             {"address-altered"}},
            normalises("'", ""));
    all.add({"addr-dots-dropped",
             "ADDR-001",
             "removes the dots of a local-part, as one big provider does for its own",
             {"address-altered"}},
            normalises("\\.", ""));
    all.add({"addr-subaddress-cut", "ADDR-002", "cuts a subaddress off", {"address-altered"}},
            normalises("\\+.*", ""));
    all.add({"addr-batv-cut", "ADDR-002", "removes a BATV signature", {"address-altered"}},
            normalises("^prvs=[^=]*=", ""));
    all.add({"addr-srs-decoded",
             "ADDR-002",
             "takes the original mailbox out of an SRS path",
             {"address-altered"}},
            normalises("^SRS0=.*=", ""));
    all.add(
        {"addr-verp-cut", "ADDR-002", "removes the recipient of a VERP path", {"address-altered"}},
        normalises("-return-[0-9]+-.*", "-return"));
    all.add({"addr-source-route-followed",
             "ADDR-003",
             "asks the first host of a source route",
             {"source-route-sent"}},
            rewrite_command([](std::string& line, session&) {
                static const std::regex route{"(MAIL FROM:<)@([^,:>]*)[^:>]*:([^@>]*)@[^>]*(>.*)"};
                line = std::regex_replace(line, route, "$1$3@$2$4");
            }));
    all.add(
        {"addr-source-route-kept", "ADDR-003", "sends a source route on", {"source-route-sent"}},
        rewrite_command([](std::string& line, session&) {
            static const std::regex route{"(MAIL FROM:<)@[^:>]*:([^@>]*@[^>]*>.*)"};
            line = std::regex_replace(line, route, "$1" + std::string(disguise) + "$2");
        }) + rewrite_sent([](std::string& octets) {
            replace_all(octets, disguise, "@relay.invalid:");
        }));
    all.add({"addr-space-after-colon",
             "ADDR-004",
             "puts a space after the colon, as in 2004",
             {"command-syntax"}},
            rewrite_sent([](std::string& octets) { replace_all(octets, ":<", ": <"); }));
    all.add({"addr-no-brackets", "ADDR-004", "leaves the angle brackets out", {"command-syntax"}},
            rewrite_sent([](std::string& octets) {
                if (octets.starts_with("RCPT")) {
                    replace_all(octets, "<", "");
                    replace_all(octets, ">", "");
                }
            }));
}

void add_octets_and_lengths(collection& all) {
    all.add({"addr-control-sent",
             "ADDR-005",
             "sends control octets of a quoted local-part on, as Exim and Postfix do",
             {"control-octet-sent"}},
            lets_pass(has_control));
    all.add({"addr-long-local-part",
             "ADDR-006",
             "calls for a local-part of more than 64 octets",
             {"unexpected-connection"}},
            any_length([](const mailbox& box) { return box.local_part.size() > max_local_part; }));
    all.add({"addr-long-domain",
             "ADDR-006",
             "looks a domain of more than 255 octets up, and defers when that fails",
             {"bad-path-deferred"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "MAIL") && r.klass() == 5 && is_long_domain(command))
                    r = {250, {"2.1.0 Ok"}};
                else if (begins(command, "RCPT") && is_long_domain(s.mail))
                    r = {451, {"4.4.3 Return path checked: dns-failure"}};
            }));
    all.add({"addr-long-path",
             "ADDR-006",
             "calls for a path of more than 256 octets",
             {"unexpected-connection"}},
            any_length([](const mailbox& box) {
                return box.local_part.size() + box.domain.size() + 3 > max_path &&
                       box.domain.size() <= max_domain;
            }));
    all.add({"addr-short-limit",
             "ADDR-006",
             "refuses a local-part of more than 60 octets",
             {"good-path-refused"}},
            edit_receiver({.verify = [](const mailbox& box, session&) {
                if (box.local_part.size() <= 60)
                    return std::optional<verdict>();
                verdict v;
                v.kind = verdict_kind::fail;
                v.why = cause::invalid_address;
                return std::optional(v);
            }}));
    all.add({"addr-short-path-limit",
             "ADDR-006",
             "refuses a path of more than 200 octets",
             {"good-path-refused"}},
            edit_receiver({.verify = [](const mailbox& box, session&) {
                if (box.to_string().size() <= 200)
                    return std::optional<verdict>();
                verdict v;
                v.kind = verdict_kind::fail;
                v.why = cause::invalid_address;
                return std::optional(v);
            }}));
}

void add_labels(collection& all) {
    all.add({"addr-underscore-refused",
             "ADDR-011",
             "refuses a domain with an underscore",
             {"good-path-refused"}},
            refuses_label(has_underscore));
    all.add({"addr-underscore-trusted",
             "ADDR-011",
             "takes every path of a domain with an underscore, as it could not be looked up",
             {"bad-path-accepted", "missing-connection"}},
            edit_receiver({.verify = [](const mailbox& box, session&) {
                verdict v;
                give(v, verdict_kind::none);
                return has_underscore(box.domain) ? std::optional(v) : std::nullopt;
            }}));
    all.add({"addr-underscore-exchange-lost",
             "ADDR-011",
             "takes an exchange with an underscore for no host name",
             {"good-path-refused"}},
            loses_exchange(has_underscore));
    all.add({"addr-hyphens-refused",
             "ADDR-011",
             "refuses a domain with hyphens in the third and fourth place, as IDNA2008 does",
             {"good-path-refused"}},
            refuses_label(has_reserved_hyphens));
    all.add({"addr-hyphens-exchange-lost",
             "ADDR-011",
             "takes an exchange with hyphens in the third and fourth place for no host name",
             {"good-path-refused"}},
            loses_exchange(has_reserved_hyphens));
}

void add_internationalized(collection& all) {
    all.add({"addr-utf8-unoffered",
             "ADDR-007",
             "sends a non-ASCII local-part to a host that has not advertised SMTPUTF8",
             {"utf8-without-offer"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::ehlo && r.klass() == 2)
                    r.lines.emplace_back("SMTPUTF8");
            }));
    all.add({"addr-utf8-no-parameter",
             "ADDR-007",
             "leaves the SMTPUTF8 parameter out where the local-part needs it",
             {"command-syntax"}},
            rewrite_sent([](std::string& octets) { replace_all(octets, "> SMTPUTF8", ">"); }));
    all.add({"addr-utf8-one-host-enough",
             "ADDR-007",
             "refuses when the best host lacks SMTPUTF8, whatever the others are",
             {"permanent-on-temporary", "good-path-refused"}},
            rewrite_verdict([](verdict& v) {
                if (!v.attempts.empty() && v.attempts.front().why == cause::smtputf8_missing) {
                    give(v, verdict_kind::fail);
                    v.why = cause::smtputf8_missing;
                }
            }));
    all.add({"addr-utf8-missing-in-any-reply",
             "ADDR-007",
             "takes an EHLO that was refused or deferred for one without SMTPUTF8",
             {"permanent-on-temporary", "permanent-on-policy"}},
            edit_each_dialogue([] {
                const auto needed = std::make_shared<bool>(false);
                return dialogue_edits{
                    .sent = [needed](std::string&,
                                     const mailbox& box) { *needed = box.needs_smtputf8(); },
                    .reply =
                        [needed](stage at, reply& r) {
                            if (*needed && (at == stage::ehlo || at == stage::helo))
                                r.code = 250;
                            return heard::reply;
                        }};
            }));
    all.add({"addr-utf8-always",
             "ADDR-008",
             "gives SMTPUTF8 whenever it is offered",
             {"smtputf8-without-need"}},
            rewrite_sent([](std::string& octets) {
                replace_all(octets, "MAIL FROM:<>\r\n", "MAIL FROM:<> SMTPUTF8\r\n");
            }));
    all.add({"addr-utf8-as-the-client",
             "ADDR-008",
             "demands SMTPUTF8 of the host because the client's message used it",
             {"smtputf8-without-need"}},
            edit_receiver({.verdict = [](verdict& v, session& s) {
                if (s.mail.find("SMTPUTF8") != s.mail.npos && is_ascii(path_in(s.mail))) {
                    give(v, verdict_kind::fail);
                    v.why = cause::smtputf8_missing;
                }
            }}));
    all.add({"addr-domain-in-u-labels",
             "ADDR-009",
             "looks a non-ASCII domain up as it is",
             {"missing-query"}},
            with_verification([](verification_options& o) {
                o.to_ascii = [](std::string_view domain) {
                    return std::optional(std::string(domain));
                };
            }));
}

void add_literals(collection& all) {
    all.add({"addr-literal-refused",
             "ADDR-010",
             "refuses every address literal, as Exim does",
             {"good-path-refused"}},
            edit_receiver({.verify = [](const mailbox& box, session&) {
                verdict v;
                give(v, verdict_kind::fail);
                return box.literal ? std::optional(v) : std::nullopt;
            }}));
    all.add({"addr-literal-trusted",
             "ADDR-010",
             "calls any address that stands in a literal",
             {"called-loopback", "called-prohibited-address"}},
            calls_any_literal());
    all.add({"addr-literal-accepted",
             "ADDR-010",
             "takes every address literal for good without a call",
             {"bad-path-accepted"}},
            edit_receiver({.verify = [](const mailbox& box, session&) {
                verdict v;
                give(v, verdict_kind::pass);
                return box.literal ? std::optional(v) : std::nullopt;
            }}));
}

} // namespace

void add_addr(collection& all) {
    add_spelling(all);
    add_octets_and_lengths(all);
    add_labels(all);
    add_internationalized(all);
    add_literals(all);
}

} // namespace cbv::mutants
