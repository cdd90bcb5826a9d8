// fakemx/demo/sites.hpp: the records and hosts of the main domain and of a site.
#include "fakemx/demo/sites.hpp"
#include "fakemx/dns_message.hpp"

#include <algorithm>

namespace cbv::fakemx::demo {
namespace {

constexpr std::uint32_t ttl = 5; // the demo may be started anew with other words at any time
constexpr unsigned many = 10;

ip_address fixed(std::string_view text) {
    return *ip_address::parse(text);
}

class world_maker {
public:
    world_maker(const site& s, const surroundings& where, address_allocator& addresses)
        : s_(s), where_(where), addresses_(addresses) {
        w_.id = s.words;
        w_.domain = s.words + "." + where.domain;
    }

    world make() {
        switch (s_.what) {
        case site_fault::nxdomain:
            answer("*", rcode::name_error);
            break;
        case site_fault::servfail:
            answer("*", rcode::server_failure);
            break;
        case site_fault::dns_refused:
            answer("*", rcode::refused);
            break;
        case site_fault::dns_formerr:
            answer("*", rcode::format_error);
            break;
        case site_fault::dns_notimp:
            answer("*", rcode::not_implemented);
            break;
        case site_fault::dns_silent:
            answer_with(dns_fault::silent);
            break;
        case site_fault::dns_truncate:
            answer_with(dns_fault::truncate);
            mx("mx", listening("mx"));
            break;
        case site_fault::dns_wrong_id:
            answer_with(dns_fault::wrong_id);
            mx("mx", listening("mx"));
            break;
        case site_fault::dns_garbage:
            answer_with(dns_fault::garbage);
            break;
        case site_fault::dns_empty:
            answer_with(dns_fault::empty);
            break;
        case site_fault::null_mx:
            mx_record(w_.domain, 0, "");
            break;
        case site_fault::no_mx:
            address(w_.domain, listening("mx", w_.domain));
            break;
        case site_fault::no_address:
            text(name("mx"), "a host without an address");
            mx_record(w_.domain, 10, name("mx"));
            break;
        case site_fault::mx_nxdomain:
            mx_record(w_.domain, 10, name("mx"));
            break;
        case site_fault::mx_servfail:
            mx("mx", listening("mx"));
            answer(name("mx"), rcode::server_failure);
            break;
        case site_fault::mx_alias:
            mx_record(w_.domain, 10, name("alias"));
            alias(name("alias"), name("mx"));
            address(name("mx"), listening("mx"));
            break;
        case site_fault::mx_literal:
            mx_record(w_.domain, 10, listening("mx").to_string());
            break;
        case site_fault::alias:
            alias(w_.domain, name("real"));
            mx_record(name("real"), 10, name("mx"));
            address(name("mx"), listening("mx"));
            break;
        case site_fault::loopback_mx:
            mx("mx", fixed("127.0.0.1"));
            break;
        case site_fault::private_mx:
            mx("mx", fixed("10.0.0.1"));
            break;
        case site_fault::unspecified_mx:
            mx("mx", fixed("0.0.0.0"));
            break;
        case site_fault::v6only:
            mx("mx", listening_v6("mx"));
            break;
        case site_fault::dual_stack:
            mx("mx", listening("mx"));
            address(name("mx"), listening_v6(where_.on_loopback ? "mx" : "mx6", name("mx")));
            break;
        case site_fault::refused:
            mx("mx", dead("mx", reach::refuse));
            break;
        case site_fault::blackhole:
            mx("mx", dead("mx", reach::blackhole));
            break;
        case site_fault::many_refused:
            for (unsigned i = 1; i <= many; ++i)
                mx("mx" + std::to_string(i),
                   dead("mx" + std::to_string(i), reach::refuse),
                   static_cast<std::uint16_t>(10 * i));
            break;
        case site_fault::first:
            mx("mx1",
               s_.first == site_fault::refused     ? dead("mx1", reach::refuse)
               : s_.first == site_fault::blackhole ? dead("mx1", reach::blackhole)
                                                   : listening("mx1"));
            mx("mx2", listening("mx2"), 20);
            break;
        case site_fault::none:
        case site_fault::dns_slow:
        case site_fault::without:
        case site_fault::catch_all:
            mx("mx", listening("mx"));
            break;
        }
        if (s_.dns_delay > duration{})
            delay_answers();
        return std::move(w_);
    }

private:
    [[nodiscard]] std::string name(const std::string& label) const {
        return label + "." + w_.domain;
    }

    host& add_host(const std::string& id, std::string host_name) {
        host h;
        h.id = id;
        h.name = host_name.empty() ? name(id) : std::move(host_name);
        h.keywords = usual_keywords(s_.without);
        w_.hosts.push_back(std::move(h));
        return w_.hosts.back();
    }

    ip_address listening(const std::string& id, const std::string& host_name = {}) {
        auto& h = add_host(id, host_name);
        h.addresses.push_back(addresses_.next_v4());
        return h.addresses.back();
    }

    /// On loopback there is one IPv6 address, which is the main host's.
    ip_address listening_v6(const std::string& id, const std::string& host_name = {}) {
        if (where_.on_loopback)
            return fixed("::1");
        auto& h = add_host(id, host_name);
        h.addresses.push_back(addresses_.next_v6());
        return h.addresses.back();
    }

    ip_address dead(const std::string& id, reach how) {
        auto& h = add_host(id, {});
        h.how = how;
        h.addresses.push_back(how == reach::refuse || where_.on_loopback
                                  ? addresses_.next_v4()
                                  : addresses_.next_blackhole_v4());
        return h.addresses.back();
    }

    record& add_record(std::string owner, rr_type type) {
        record r;
        r.name = std::move(owner);
        r.type = type;
        r.ttl = ttl;
        w_.records.push_back(std::move(r));
        return w_.records.back();
    }

    void mx_record(const std::string& owner, std::uint16_t preference, std::string exchange) {
        auto& r = add_record(owner, rr_type::mx);
        r.preference = preference;
        r.target = std::move(exchange);
    }

    void address(const std::string& owner, const ip_address& a) {
        add_record(owner, a.is_v4() ? rr_type::a : rr_type::aaaa).address = a;
    }

    void mx(const std::string& id, const ip_address& a, std::uint16_t preference = 10) {
        mx_record(w_.domain, preference, name(id));
        address(name(id), a);
    }

    void alias(const std::string& owner, std::string target) {
        add_record(owner, rr_type::cname).target = std::move(target);
    }

    void text(const std::string& owner, std::string value) {
        add_record(owner, rr_type::txt).target = std::move(value);
    }

    answer_rule& add_answer(std::string owner) {
        answer_rule a;
        a.name = std::move(owner);
        w_.answers.push_back(std::move(a));
        return w_.answers.back();
    }

    void answer(const std::string& owner, std::uint8_t code) {
        auto& a = add_answer(owner);
        a.rcode = code;
        a.ttl = ttl;
    }

    void answer_with(dns_fault fault) { add_answer("*").fault = fault; }

    void delay_answers() {
        if (w_.answers.empty())
            add_answer("*");
        for (auto& a : w_.answers)
            a.delay = s_.dns_delay;
        if (w_.answers.back().name != "*")
            add_answer("*").delay = s_.dns_delay;
    }

    const site& s_;
    const surroundings& where_;
    address_allocator& addresses_;
    world w_;
};

} // namespace

std::vector<std::string> usual_keywords(const std::vector<std::string>& without) {
    std::vector<std::string> keywords = {"PIPELINING",
                                         "8BITMIME",
                                         "SMTPUTF8",
                                         "SIZE",
                                         "ENHANCEDSTATUSCODES",
                                         "AUTH PLAIN LOGIN",
                                         "HELP"};
    std::erase_if(keywords, [&](const std::string& k) {
        return std::find(without.begin(), without.end(), k.substr(0, k.find(' '))) != without.end();
    });
    return keywords;
}

world main_world(const surroundings& where) {
    world w;
    w.id = "main";
    w.domain = where.domain;
    host h;
    h.id = "mx";
    h.name = "mx." + where.domain;
    h.addresses = where.main;
    h.keywords = usual_keywords();
    record r;
    r.name = where.domain;
    r.type = rr_type::mx;
    r.ttl = ttl;
    r.preference = 10;
    r.target = h.name;
    w.records.push_back(r);
    for (const auto& a : where.main) {
        record of_host;
        of_host.name = h.name;
        of_host.type = a.is_v4() ? rr_type::a : rr_type::aaaa;
        of_host.ttl = ttl;
        of_host.address = a;
        if (a == fixed("0.0.0.0"))
            of_host.address = fixed("127.0.0.1");
        if (a == fixed("::"))
            of_host.address = fixed("::1");
        w.records.push_back(of_host);
    }
    w.hosts.push_back(std::move(h));
    return w;
}

world site_world(const site& s, const surroundings& where, address_allocator& addresses) {
    return world_maker{s, where, addresses}.make();
}

} // namespace cbv::fakemx::demo
