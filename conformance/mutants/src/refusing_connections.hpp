// The base of mutants that take some connections for refused without trying them, because of what
// the DNS said. Which ones is the mutant's business.
#pragma once

#include "engine/forwarding.hpp"

#include <map>
#include <string>
#include <utility>

namespace cbv::mutants {

class refusing_connections : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        for (auto a = inner_->next_action(); a; a = inner_->next_action()) {
            if (const auto* q = std::get_if<act::query_dns>(&*a))
                asked_[q->id] = q->name;
            const auto* c = std::get_if<act::connect>(&*a);
            if (c == nullptr || !refuses(*c))
                return a;
            inner_->on_refused(c->id, now_);
        }
        return std::nullopt;
    }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        now_ = now;
        learn(asked_[id], answer);
        inner_->on_dns(id, std::move(answer), now);
    }

protected:
    /// The DNS answered for `name`.
    virtual void learn(const std::string& name, const dns_answer& answer) = 0;
    [[nodiscard]] virtual bool refuses(const act::connect& c) const = 0;

private:
    std::map<unsigned, std::string> asked_; // names, by the query's id
    instant now_{};
};

} // namespace cbv::mutants
