// See edited_manager.hpp.
#include "edited_manager.hpp"

#include "cbv/text.hpp"
#include "cbv/verdict_cache.hpp"

#include <algorithm>
#include <utility>

namespace cbv::mutants {

std::string edited_manager::memory_key(const mailbox& box) const {
    return edits_.remembers_by_domain ? to_lower(box.domain) : cache_key(box);
}

unsigned edited_manager::ask(const mailbox& box, instant now, const request_facts& facts) {
    now_ = now;
    if (const auto known = remembered_.find(memory_key(box));
        known != remembered_.end() && now < known->second.until) {
        out_.push_back(manage::answer{++own_, known->second.what});
        return own_;
    }
    auto key = box;
    if (edits_.key)
        edits_.key(key);
    const auto same = cache_key(box);
    if (edits_.shares_no_call && std::any_of(running_.begin(), running_.end(), [&](const auto& r) {
            return r.second == same;
        }))
        key.local_part = "another-" + std::to_string(++asked_);
    asked_for_.insert_or_assign(key.to_string(), box);
    auto told = facts;
    if (edits_.facts)
        edits_.facts(told);
    const auto client = inner_->ask(key, now, told);
    clients_.insert_or_assign(client, box);
    return client;
}

void edited_manager::withdraw(unsigned client, instant now) {
    now_ = now;
    std::erase_if(out_, [client](const manage_action& a) {
        const auto* answer = std::get_if<manage::answer>(&a);
        return answer != nullptr && answer->client == client;
    });
    gone_.insert(client);
    if (!edits_.ignores_withdrawal)
        inner_->withdraw(client, now);
}

permission
edited_manager::on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) {
    now_ = now;
    const auto said = inner_->on_connect(call, attempt, to, now);
    if (!edits_.permits_all || said != permission::later)
        return said;
    permitted_.emplace(call, attempt);
    return permission::now;
}

void edited_manager::on_close(unsigned call, unsigned attempt, instant now) {
    now_ = now;
    inner_->on_close(call, attempt, now);
}

void edited_manager::on_verdict(unsigned call, verdict v, instant now) {
    now_ = now;
    running_.erase(call);
    if (edits_.ended)
        edits_.ended(v);
    renewal_ = v;
    inner_->on_verdict(call, std::move(v), now);
}

void edited_manager::on_time(instant now) {
    now_ = now;
    inner_->on_time(now);
}

std::optional<manage_action> edited_manager::next_action() {
    while (out_.empty()) {
        auto a = inner_->next_action();
        if (!a) {
            renewal_.reset();
            return a;
        }
        bool keep = true;
        if (auto* start = std::get_if<manage::start>(&*a))
            keep = take(*start);
        else if (auto* answer = std::get_if<manage::answer>(&*a))
            keep = take(*answer);
        else if (const auto* allow = std::get_if<manage::allow>(&*a))
            keep = permitted_.erase({allow->call, allow->attempt}) == 0;
        if (keep)
            return a;
    }
    auto first = std::move(out_.front());
    out_.pop_front();
    return first;
}

bool edited_manager::take(manage::start& a) {
    if (const auto box = asked_for_.find(a.box.to_string()); box != asked_for_.end())
        a.box = box->second;
    running_[a.call] = cache_key(a.box);
    return true;
}

bool edited_manager::take(manage::answer& a) {
    if (gone_.contains(a.client))
        return false;
    auto& v = a.result;
    const auto& box = clients_[a.client];
    const auto key = memory_key(box);
    if (edits_.drops_background && v.why == cause::in_progress)
        for (const auto& [call, path] : running_)
            out_.push_back(manage::cancel{call});
    if (edits_.believes_renewal && renewal_ && v.cached)
        v = *renewal_;
    if (edits_.believes_old && v.kind == *edits_.believes_old)
        old_.insert_or_assign(key, v);
    else if (edits_.believes_old && v.kind != verdict_kind::pass && v.kind != verdict_kind::fail)
        if (const auto known = old_.find(key); known != old_.end())
            v = known->second;
    if (edits_.answer)
        edits_.answer(v);
    if (edits_.remembers) {
        auto kept = v;
        if (const auto lifetime = edits_.remembers(kept))
            remembered_.insert_or_assign(key, memory{std::move(kept), now_ + *lifetime});
    }
    return true;
}

} // namespace cbv::mutants
