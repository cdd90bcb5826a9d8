// Mutants of section "Standing to Condemn": refusals believed too easily, and a control question
// asked when it is not due.
#include "blocks.hpp"

namespace cbv::mutants {
namespace {

/// What is remembered of hosts is changed on its way to a call.
change evidence(std::function<void(known_standing&)> f) {
    return with_call([f](verification_options& o, instant) {
        for (auto& known : o.standing)
            f(known);
    });
}

/// A reply is heard as if it were `reply`, at this stage.
change hears(stage where, std::function<bool(const reply&)> f, int code) {
    return rewrite_received([=](stage at, reply& r) {
        if (at == where && f(r))
            r = {code, {"heard so"}};
    });
}

} // namespace

void add_standing(collection& all) {
    all.add({"standing-off", "INT-015", "believes every refusal", {"condemned-without-standing"}},
            with_standing(standing_mode::off));
    all.add({"standing-unadvertised",
             "INT-015",
             "believes 5.1.1 of a host that did not offer enhanced codes",
             {"condemned-without-standing"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::ehlo && r.klass() == 2)
                    r.lines.emplace_back("ENHANCEDSTATUSCODES");
            }));
    all.add({"standing-any-code",
             "INT-015",
             "believes any enhanced code that does not soften",
             {"condemned-without-standing"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::rcpt && r.lines[0].starts_with("5.0.0 "))
                    r.lines[0] = "5.1.1 heard so";
            }));
    all.add({"standing-careless-code",
             "INT-015",
             "believes a code that is written carelessly",
             {"condemned-without-standing"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::rcpt && r.lines[0].starts_with("#5.1.1 "))
                    r.lines[0] = "5.1.1 heard so";
            }));
    all.add({"standing-no-memory",
             "INT-003",
             "forgets that a host accepted another path",
             {"bad-path-accepted"}},
            evidence([](known_standing& known) { known.evidence = standing_evidence::unknown; }));
    all.add({"standing-control-deferred",
             "INT-015",
             "takes a deferral of postmaster for an acceptance",
             {"condemned-without-standing"}},
            hears(
                stage::control, [](const reply& r) { return r.klass() == 4; }, 250));
    all.add({"standing-control-refused",
             "INT-015",
             "takes a refusal of postmaster for an acceptance",
             {"condemned-without-standing"}},
            hears(
                stage::control, [](const reply& r) { return r.klass() == 5; }, 250));
    all.add({"standing-control-again",
             "INT-016",
             "asks about postmaster after every refusal",
             {"control-asked-again"}},
            evidence([](known_standing& known) { known.evidence = standing_evidence::unknown; }));
    all.add({"standing-control-role",
             "INT-017",
             "asks about postmaster when another role address was refused",
             {"control-not-due"}},
            edit_dialogue({.sent = [](std::string& octets, const mailbox& box) {
                if (octets == "QUIT\r\n" && is_role_address(box))
                    octets = "RCPT TO:<postmaster@" + box.domain + ">\r\n" + octets;
            }}));
    all.add({"standing-control-after-policy",
             "INT-017",
             "asks about postmaster after a refusal by policy",
             {"control-not-due"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::rcpt && r.code == 550)
                    r.lines = {"heard without a code"};
            }));
}

} // namespace cbv::mutants
