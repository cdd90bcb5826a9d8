// The building blocks that change what a call finds in the DNS and which addresses it connects to
// (blocks.hpp). Each is a decorator with a memory of its own.
#include "blocks.hpp"

#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace cbv::mutants {
namespace {

class edited_dns : public engine::forwarding_verifier {
public:
    edited_dns(inner_ptr inner, dns_rewrite f)
        : forwarding_verifier(std::move(inner)), f_(std::move(f)) {}
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (const auto* q = std::get_if<act::query_dns>(&*a)) {
                asked_.insert_or_assign(q->id, *q);
                if (q->type == record_type::mx)
                    domain_ = q->name;
            }
        return a;
    }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        if (const auto q = asked_.find(id); q != asked_.end())
            f_(q->second, answer, domain_);
        inner_->on_dns(id, std::move(answer), now);
    }

private:
    dns_rewrite f_;
    std::string domain_;
    std::map<unsigned, act::query_dns> asked_;
};

/// Gives the verification an address of the benchmark network in an excluded one's place.
class disguised_addresses : public engine::forwarding_verifier {
public:
    disguised_addresses(inner_ptr inner, std::function<bool(const ip_address&)> f)
        : forwarding_verifier(std::move(inner)), f_(std::move(f)) {}
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        for (auto& address : answer.addresses)
            if (f_(address)) {
                real_.push_back(address);
                address = ip_address::v4({198, 19, 255, static_cast<std::uint8_t>(real_.size())});
            }
        inner_->on_dns(id, std::move(answer), now);
    }
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (auto* c = std::get_if<act::connect>(&*a))
                for (std::size_t i = 0; i < real_.size(); ++i)
                    if (c->address ==
                        ip_address::v4({198, 19, 255, static_cast<std::uint8_t>(i + 1)})) {
                        c->address = real_[i];
                        break;
                    }
        return a;
    }

private:
    std::function<bool(const ip_address&)> f_;
    std::vector<ip_address> real_;
};

/// Calls one literal where another one is meant.
class redirected : public engine::forwarding_verifier {
public:
    static constexpr std::string_view stand_in = "[198.19.255.255]";

    redirected(inner_ptr inner, ip_address to, std::string literal)
        : forwarding_verifier(std::move(inner)), to_(to), literal_(std::move(literal)) {}
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a) {
            if (auto* c = std::get_if<act::connect>(&*a))
                c->address = to_;
            if (auto* s = std::get_if<act::send>(&*a))
                replace_all(s->octets, stand_in, literal_);
        }
        return a;
    }

private:
    ip_address to_;
    std::string literal_;
};

class second_lookup : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        if (!ready_.empty()) {
            auto first = std::move(ready_.front());
            ready_.pop_front();
            return first;
        }
        auto a = inner_->next_action();
        if (!a)
            return a;
        auto* c = std::get_if<act::connect>(&*a);
        if (c == nullptr || !c->address.is_v4() || c->host.starts_with('['))
            return a;
        held_.emplace(c->id, *c);
        return act::query_dns{first_id + c->id, c->host, record_type::a};
    }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        if (id < first_id)
            return inner_->on_dns(id, std::move(answer), now);
        const auto held = held_.find(id - first_id);
        if (held == held_.end())
            return;
        if (!answer.addresses.empty())
            held->second.address = answer.addresses.front();
        ready_.push_back(held->second);
        held_.erase(held);
    }

private:
    static constexpr unsigned first_id = 1000000;
    std::map<unsigned, act::connect> held_;
    std::deque<action> ready_;
};

} // namespace

change rewrite_dns(dns_rewrite f) {
    return layer<edited_dns>(std::move(f));
}

change calls_anyway(std::function<bool(const ip_address&)> f) {
    return layer<disguised_addresses>(std::move(f));
}

change calls_any_literal() {
    change c;
    c.verifier.push_back([](engine::machine_factory inner) -> engine::machine_factory {
        return
            [inner = std::move(inner)](mailbox box,
                                       const verification_options& o,
                                       instant now,
                                       instant since) -> std::unique_ptr<engine::verifier_machine> {
                const auto real = box.literal;
                if (!real)
                    return inner(std::move(box), o, now, since);
                const auto literal = std::exchange(box.domain, std::string(redirected::stand_in));
                box.literal = ip_address::v4({198, 19, 255, 255});
                return std::make_unique<redirected>(
                    inner(std::move(box), o, now, since), *real, literal);
            };
    });
    return c;
}

change looks_up_again() {
    return layer<second_lookup>();
}

} // namespace cbv::mutants
