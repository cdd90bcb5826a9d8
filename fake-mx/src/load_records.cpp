// Reads the DNS part of `<world>` (conformance/FORMAT.md): records, those that hosts imply, and
// replaced answers.
#include "cbv/text.hpp"
#include "fakemx/dns_message.hpp"
#include "load_parts.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace cbv::fakemx {
namespace {

constexpr std::pair<std::string_view, rr_type> record_words[] = {
    {"mx", rr_type::mx},
    {"a", rr_type::a},
    {"aaaa", rr_type::aaaa},
    {"cname", rr_type::cname},
    {"txt", rr_type::txt},
    {"ptr", rr_type::ptr},
};
constexpr std::pair<std::string_view, rr_type> type_words[] = {
    {"A", rr_type::a},
    {"AAAA", rr_type::aaaa},
    {"MX", rr_type::mx},
    {"CNAME", rr_type::cname},
    {"TXT", rr_type::txt},
    {"PTR", rr_type::ptr},
    {"*", rr_type::any},
};
constexpr std::pair<std::string_view, std::uint8_t> rcode_words[] = {
    {"NXDOMAIN", std::uint8_t{3}},
    {"SERVFAIL", std::uint8_t{2}},
    {"REFUSED", std::uint8_t{5}},
    {"FORMERR", std::uint8_t{1}},
    {"NOTIMP", std::uint8_t{4}},
};
constexpr std::pair<std::string_view, dns_fault> fault_words[] = {
    {"silent", dns_fault::silent},
    {"truncate", dns_fault::truncate},
    {"truncate-always", dns_fault::truncate_always},
    {"open-chain", dns_fault::open_chain},
    {"wrong-id", dns_fault::wrong_id},
    {"garbage", dns_fault::garbage},
    {"empty", dns_fault::empty},
};

constexpr std::uint32_t most_ttl = 0x7FFFFFFF; // RFC 2181 section 8
constexpr std::uint32_t most_count = 1'000'000;
constexpr std::size_t most_addresses = 1000; // of one element

/// The addresses of one family that `<a>` or `<aaaa>` names.
std::vector<ip_address> read_addresses(const element& e, bool v4, const world_loader& loader) {
    const auto text = e.attribute("address");
    const auto host_id = e.attribute("host");
    if (text.has_value() == host_id.has_value())
        e.fail("expected either address= or host= in <" + std::string{e.name()} + ">");
    const std::string family = v4 ? "IPv4" : "IPv6";
    if (text) {
        std::vector<ip_address> found;
        const auto all = loader.expand(e, *text);
        for (std::size_t at = 0, end = 0; at < all.size(); at = end + 1) {
            end = std::min(all.find(' ', at), all.size());
            if (end == at)
                continue;
            const auto address = ip_address::parse(std::string_view{all}.substr(at, end - at));
            if (!address || address->is_v4() != v4 || found.size() == most_addresses)
                e.fail_at("address",
                          "address=\"" + escape(*text, 100) + "\": expected an " + family +
                              " address, or up to " + std::to_string(most_addresses) +
                              " with spaces between them");
            found.push_back(*address);
        }
        if (found.empty())
            e.fail_at("address", "expected an " + family + " address");
        return found;
    }
    const host* const named = loader.loaded.find(*host_id);
    if (named == nullptr)
        e.fail_at("host",
                  "host=\"" + escape(*host_id, 100) + "\": expected the id of a <host> here");
    std::vector<ip_address> found;
    for (const auto& address : named->addresses)
        if (address.is_v4() == v4)
            found.push_back(address);
    if (found.empty())
        e.fail_at("host",
                  "host=\"" + escape(*host_id, 100) + "\": expected a host with an " + family +
                      " address");
    return found;
}

void add_host_records(const element& e, world_loader& loader) {
    const host* const h = loader.loaded.find(e.required("id"));
    if (e.attribute("mx")) {
        record r;
        r.name = loader.loaded.domain;
        r.type = rr_type::mx;
        r.preference = static_cast<std::uint16_t>(e.number("mx", 0, 0, 65535));
        r.target = h->name;
        loader.loaded.records.push_back(std::move(r));
    }
    if (e.attribute("dns") == "no")
        return;
    for (const auto& address : h->addresses) {
        record r;
        r.name = h->name;
        r.type = address.is_v4() ? rr_type::a : rr_type::aaaa;
        r.address = address;
        loader.loaded.records.push_back(std::move(r));
    }
}

} // namespace

void read_records(const element& e, world_loader& loader) {
    if (e.name() == "host")
        return add_host_records(e, loader);
    record r;
    bool known = false;
    for (const auto& [word, type] : record_words)
        if (e.name() == word) {
            r.type = type;
            known = true;
        }
    if (!known)
        e.fail("unknown element <" + escape(e.name(), 100) +
               "> in <world>; expected: host, mx, a, aaaa, cname, txt, ptr, answer");
    e.allow_no_content();
    switch (r.type) {
    case rr_type::mx:
        e.allow_only({"name", "preference", "exchange", "owner", "ttl", "times", "after"});
        (void)e.required("preference");
        r.preference = static_cast<std::uint16_t>(e.number("preference", 0, 0, 65535));
        r.target = loader.dns_name(e, "exchange");
        break;
    case rr_type::a:
    case rr_type::aaaa:
        e.allow_only({"name", "address", "host", "owner", "ttl", "times", "after"});
        break;
    case rr_type::txt:
        e.allow_only({"name", "text", "ttl", "times", "after"});
        r.target = loader.expand(e, e.required("text"));
        if (r.target.size() > 10'000)
            e.fail_at("text", "expected at most 10000 octets");
        break;
    default:
        e.allow_only({"name", "target", "ttl", "times", "after"});
        r.target = loader.dns_name(e, "target");
    }
    r.name = loader.dns_name(e, "name");
    if (e.attribute("owner"))
        r.owner = loader.dns_name(e, "owner");
    r.ttl = e.number("ttl", 300, 0, most_ttl);
    r.times = e.number("times", 0, 1, most_count);
    r.after = e.number("after", 0, 1, most_count);
    if (r.times != 0 && r.after >= r.times)
        e.fail_at("after", "expected after= below times=, or the record is in no answer");
    if (r.type != rr_type::a && r.type != rr_type::aaaa) {
        loader.loaded.records.push_back(std::move(r));
        return;
    }
    for (const auto& address : read_addresses(e, r.type == rr_type::a, loader)) {
        r.address = address;
        loader.loaded.records.push_back(r);
    }
}

answer_rule read_answer(const element& e, const world_loader& loader) {
    e.allow_only({"name", "type", "rcode", "fault", "delay", "times", "ttl"});
    e.allow_no_content();
    answer_rule a;
    a.name = e.required("name") == "*" ? "*" : loader.dns_name(e, "name");
    (void)e.required("type");
    a.type = e.word<rr_type>("type", type_words, rr_type::any);
    if (e.attribute("rcode"))
        a.rcode = e.word<std::uint8_t>("rcode", rcode_words, std::uint8_t{0});
    a.fault = e.word<dns_fault>("fault", fault_words, dns_fault::none);
    a.delay = loader.time(e, "delay", duration{});
    a.times = e.number("times", 0, 1, most_count);
    if (e.attribute("ttl"))
        a.ttl = e.number("ttl", 0, 0, most_ttl);
    if (a.ttl && a.rcode != rcode::name_error)
        e.fail_at("ttl", "expected ttl= with rcode=\"NXDOMAIN\" only: no other answer has one");
    if (a.rcode && e.attribute("fault"))
        e.fail_at("fault", "expected rcode= or fault=, not both");
    if (!a.rcode && !e.attribute("fault") && !e.attribute("delay"))
        e.fail("expected rcode=, fault= or delay= in <answer>");
    return a;
}

} // namespace cbv::fakemx
