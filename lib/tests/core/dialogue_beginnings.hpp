// Beginnings of scripts (script.hpp) that the tests of the dialogue share.
#pragma once

#include "script.hpp"

#include <string>
#include <utility>

namespace cbv::test {

/// Up to and including EHLO and its reply.
inline script greeted(const std::string& name) {
    script s(name);
    s.connect().receive("220 mx.example.org ESMTP").expect_send("EHLO verifier.example.net");
    return s;
}

/// Up to the point where MAIL is due.
inline script helloed(const std::string& name) {
    script s = greeted(name);
    s.receive("250-mx.example.org", "250-SIZE 1000", "250-8BITMIME", "250 DSN");
    return s;
}

/// Up to the point where RCPT has been sent.
inline script at_rcpt(const std::string& name) {
    script s = helloed(name);
    s.expect_send("MAIL FROM:<>").receive("250 ok").expect_send("RCPT TO:<joe@example.org>");
    return s;
}

inline script with_target(script s, cbv::probe_target t) {
    s.target(std::move(t));
    return s;
}
} // namespace cbv::test
