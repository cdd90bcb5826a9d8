// What a policy's settings mean for the library's machines: names of the parameter file on one
// side, options of the library on the other, and nothing between them.
#include "library_verifier.hpp"

#include <functional>
#include <map>
#include <stdexcept>

namespace simulation {
namespace {

duration seconds(double n) {
    return duration{static_cast<duration::rep>(n * 1e6)};
}

double number(const value& v, const std::string& name) {
    if (const auto* n = std::get_if<double>(&v))
        return *n;
    throw std::runtime_error(name + " must be a number");
}

struct options {
    cbv::call_manager_options manager;
    cbv::verification_options verification;
};

using setter = std::function<void(options&, const value&, const std::string&)>;

const std::map<std::string, setter, std::less<>>& setters() {
    static const std::map<std::string, setter, std::less<>> all{
        {"calls_per_domain",
         [](options& o, const value& v, const std::string& name) {
             o.manager.calls_per_domain = static_cast<unsigned>(number(v, name));
         }},
        {"over_limit",
         [](options& o, const value& v, const std::string& name) {
             const auto* word = std::get_if<std::string>(&v);
             const auto kind = word ? cbv::verdict_kind_from(*word) : std::nullopt;
             if (!kind)
                 throw std::runtime_error(name + " must be a verdict");
             o.manager.over_limit = *kind;
         }},
        {"standing",
         [](options& o, const value& v, const std::string& name) {
             const auto* word = std::get_if<std::string>(&v);
             const auto mode = word ? cbv::standing_mode_from(*word) : std::nullopt;
             if (!mode)
                 throw std::runtime_error(name + " must be off, strict or postmaster");
             o.verification.dialogue.decisions.standing = *mode;
         }},
        {"fails_per_client",
         [](options& o, const value& v, const std::string& name) {
             o.manager.fails_per_client = static_cast<unsigned>(number(v, name));
         }},
        {"calls_per_client",
         [](options& o, const value& v, const std::string& name) {
             o.manager.calls_per_client = static_cast<unsigned>(number(v, name));
         }},
        {"proving_paths",
         [](options& o, const value& v, const std::string& name) {
             o.manager.proving_paths = static_cast<unsigned>(number(v, name));
         }},
        {"refusals_per_domain",
         [](options& o, const value& v, const std::string& name) {
             o.manager.refusals_per_domain = static_cast<unsigned>(number(v, name));
         }},
        {"call_on_softfail",
         [](options& o, const value& v, const std::string& name) {
             o.manager.call_on_softfail = number(v, name) > 0;
         }},
        {"patience_hours",
         [](options& o, const value& v, const std::string& name) {
             o.manager.patience = seconds(number(v, name) * 3600);
         }},
        {"cache",
         [](options& o, const value& v, const std::string& name) {
             o.manager.cache.enabled = number(v, name) > 0;
         }},
        {"refusal_pause_hours",
         [](options& o, const value& v, const std::string& name) {
             o.manager.refusal_pause = seconds(number(v, name) * 3600);
         }},
    };
    return all;
}

} // namespace

rule_settings rules_of(const policy& p) {
    options o;
    o.verification.dialogue.helo_name = "verifier.example.net";
    for (const auto& [name, v] : p.settings) {
        const auto at = setters().find(name);
        if (at == setters().end())
            throw std::runtime_error("policy " + p.name + ": no setting is called " + name);
        at->second(o, v, name);
    }
    for (const auto& problem : {o.manager.problem(), o.verification.problem()})
        if (problem)
            throw std::runtime_error("policy " + p.name + ": " + *problem);
    return {std::move(o.manager),
            std::make_shared<const cbv::verification_options>(std::move(o.verification))};
}

} // namespace simulation
