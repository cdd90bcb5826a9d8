// Sums of changes and what becomes of them (change.hpp). The place where the engine's hooks are
// filled in; nothing else knows their form.
#include "change.hpp"

#include "blocks.hpp"

#include <iterator>
#include <stdexcept>
#include <utility>

namespace cbv::mutants {

change operator+(change a, change b) {
    if (a.verdict && b.verdict)
        throw std::logic_error{"a sum of changes has one change of the verdict at most"};
    const auto append = [](auto& to, auto& from) {
        to.insert(
            to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    append(a.verifier, b.verifier);
    append(a.receiver, b.receiver);
    append(a.manager, b.manager);
    append(a.options, b.options);
    if (b.verdict)
        a.verdict = std::move(b.verdict);
    return a;
}

options_change change::all_options() const {
    if (options.empty())
        return {};
    return [all = options](verification_options& v, receiver_options& r, call_manager_options& m) {
        for (const auto& each : all)
            each(v, r, m);
    };
}

engine::virtual_hooks change::hooks() const {
    engine::virtual_hooks h;
    if (!verifier.empty()) {
        h.verifier = engine::make_verification;
        for (const auto& layer : verifier)
            h.verifier = layer(std::move(h.verifier));
    }
    if (!receiver.empty()) {
        h.receiver = engine::make_receiver;
        for (const auto& layer : receiver)
            h.receiver = layer(std::move(h.receiver));
    }
    if (!manager.empty()) {
        h.manager = engine::make_manager;
        for (const auto& layer : manager)
            h.manager = layer(std::move(h.manager));
    }
    h.options = all_options();
    return h;
}

void collection::add(heading h, const change& c) {
    mutant m;
    m.id = std::move(h.id);
    m.requirement = "CBV-" + h.requirement;
    m.sentence = std::move(h.sentence);
    m.expected = std::move(h.expected);
    m.hooks = c.hooks();
    // A change of the settings or of a verdict, and nothing else, runs as a real server too.
    const bool verdict_only = c.verdict && c.verifier.size() == 1;
    if (c.receiver.empty() && c.manager.empty() && (c.verifier.empty() || verdict_only)) {
        m.options = c.all_options();
        m.verdict = c.verdict;
    }
    mutants_.push_back(std::move(m));
}

namespace {

std::vector<mutant> make_registry() {
    collection all;
    for (const auto add : {add_elig,
                           add_addr,
                           add_mx,
                           add_host,
                           add_dlg,
                           add_dlg_reading,
                           add_time,
                           add_int,
                           add_standing,
                           add_rply,
                           add_smx_grey,
                           add_cache,
                           add_load,
                           add_resp,
                           add_rows})
        add(all);
    return all.take();
}

} // namespace

const std::vector<mutant>& registry() {
    static const auto mutants = make_registry();
    return mutants;
}

const mutant* find(std::string_view id) {
    for (const auto& m : registry())
        if (m.id == id)
            return &m;
    return nullptr;
}

} // namespace cbv::mutants
