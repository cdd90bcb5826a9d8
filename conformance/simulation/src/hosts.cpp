// What called hosts say, and the block list; see world.hpp.
#include "simulation/world.hpp"

#include <charconv>

namespace simulation {

bool world::exists(std::string_view local, const domain& d) const {
    if (d.is == role::list)
        return local.starts_with("b-"); // one path a message
    if (d.is == role::trap || d.is == role::forger || local == "postmaster")
        return true;
    std::uint64_t user = 0;
    if (!local.starts_with('u'))
        return false;
    const auto [at, error] = std::from_chars(local.data() + 1, local.data() + local.size(), user);
    return error == std::errc{} && at == local.data() + local.size() && user < users_;
}

bool world::listed(std::uint32_t caller, instant now) const {
    if (all_listed_)
        return true;
    const auto at = listed_until_.find(caller);
    return at != listed_until_.end() && now < at->second;
}

utterance world::says(std::uint32_t number,
                      point p,
                      std::uint32_t caller,
                      std::string_view path,
                      instant now,
                      bool null_sender) {
    const host& h = hosts_[number];
    utterance u;
    u.after = h.does == behaviour::tarpit ? tarpit_ : round_trip_;
    switch (p) {
    case point::greeting:
        if (h.does == behaviour::slow)
            u.after = slow_;
        u.octets = h.blocks == blocking::greeting && listed(caller, now)
                       ? "554 mx.example your address is listed\r\n"
                       : "220 mx.example ESMTP\r\n";
        break;
    case point::ehlo:
        u.octets = h.codes || h.blocks == blocking::coded
                       ? "250-mx.example\r\n250 ENHANCEDSTATUSCODES\r\n"
                       : "250 mx.example\r\n";
        break;
    case point::rset:
    case point::mail:
        u.octets = "250 ok\r\n";
        break;
    case point::rcpt:
        u.octets = at_rcpt(number, caller, path, now, null_sender);
        break;
    case point::quit:
        u.octets = "221 bye\r\n";
        break;
    case point::other:
        u.octets = "502 not here\r\n";
        break;
    }
    return u;
}

std::string world::at_rcpt(std::uint32_t number,
                           std::uint32_t caller,
                           std::string_view path,
                           instant now,
                           bool null_sender) {
    host& h = hosts_[number];
    const auto at = path.rfind('@');
    const std::string_view local = path.substr(0, at);
    const domain* d = at == std::string_view::npos ? nullptr : find(path.substr(at + 1));
    if (h.does == behaviour::trap) {
        listed_until_[caller] = now + listing_;
        return "250 ok\r\n";
    }
    if (listed(caller, now) && !(local == "postmaster" && h.exempts_postmaster)) {
        if (h.blocks == blocking::bare)
            return "550 mail from your host is not wanted\r\n";
        if (h.blocks == blocking::coded)
            return "550 5.7.1 your address is listed\r\n";
    }
    if (h.does == behaviour::never_to_null && null_sender)
        return "451 4.3.0 try again later\r\n";
    if (h.does == behaviour::greylisting) {
        const auto key = std::to_string(caller) + " " + std::string(path);
        const auto [first, fresh] = h.seen.try_emplace(key, now);
        if (fresh || now < first->second + grey_)
            return "451 4.7.1 greylisted, try again later\r\n";
    }
    if (!d || d->home != number) // also an exchange that merely relays
        return h.codes ? "550 5.7.1 relaying denied\r\n" : "550 relaying denied\r\n";
    if (h.does == behaviour::catch_all || exists(local, *d))
        return "250 ok\r\n";
    return h.codes ? "550 5.1.1 no such user\r\n" : "550 no such user\r\n";
}

} // namespace simulation
