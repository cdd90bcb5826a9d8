// session.hpp. Of several faults for one reply the most particular wins: the address at hand, then
// recipients before it, the sender, the user name in AUTH, the name in EHLO, the host's domain.
#include "session.hpp"

#include "cbv/command.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::fakemx::demo {
namespace {

constexpr std::size_t most_sources = 1000; // recipients whose later faults are remembered
constexpr std::size_t most_listed = 100;   // recipients in a summary
constexpr std::size_t most_field = 500;    // octets of a header field
constexpr std::size_t most_text = 300;     // octets of a client's in a reply of ours

bool is_accepted(const rule& r) {
    return r.after == then::keep && (r.default_reply || (r.octets && r.octets->starts_with('2')));
}

constexpr std::string_view known_names =
    "No such user. Accepted: good, user, alice. Faults: rcpt-451, full, slow-5s, grey, drop ...";
constexpr const char* list_hint = " (fake-mx --demo --list)";

/// Whether a domain's words, which take DNS, can be got round: who got here did as they ask.
bool leads_to_main_host(site_fault what) {
    return what == site_fault::loopback_mx || what == site_fault::unspecified_mx ||
           what == site_fault::v6only || what == site_fault::dual_stack;
}

} // namespace

session::session(demo& of, const site& own, const host& h, std::string peer)
    : demo_(of), own_site_(own), host_(h.name), peer_(std::move(peer)),
      client_(peer_.substr(0, peer_.find(' '))) {
    own_.whose = own.words.empty() ? h.name : own.words + "." + of.where().domain;
    // Of two hosts of a site the first is the one in trouble.
    if (own.what != site_fault::first || h.id == "mx1")
        own_.faults = own.faults;
    message_.peer = peer_;
    message_.host = host_;
}

const rule* session::next(at where, std::string_view argument, std::string_view line, instant now) {
    now_ = now;
    if (login_step_ != no_login)
        return on_login_line(line);
    switch (where) {
    case at::connect:
        return nullptr;
    case at::banner:
        return play(where, {&own_});
    case at::ehlo:
    case at::helo:
        return on_greeting(where, argument);
    case at::mail:
        return on_mail(argument);
    case at::rcpt:
        return on_rcpt(argument);
    case at::data:
        return on_data();
    case at::message:
        return on_message();
    case at::rset: {
        const auto* const r = play_later(where);
        forget_transaction();
        return r;
    }
    case at::unknown:
        if (parse_command(line).v == verb::auth)
            return on_auth(argument);
        return play_later(at::any);
    default:
        return play_later(where);
    }
}

const rule* session::on_greeting(at where, std::string_view name) {
    forget_transaction();
    greeted_ = {};
    const auto labels = labels_before(name, demo_.where().domain);
    if (labels && !labels->empty())
        if (auto s = read_site(*labels); s.problem.empty())
            greeted_ = {std::string{name}, std::move(s.faults)};
    return play(where, {&greeted_, &own_});
}

const rule* session::on_mail(std::string_view path) {
    forget_transaction();
    const auto parsed = parse_reverse_path("<" + std::string{path} + ">");
    if (!parsed)
        return refuse("501 5.1.7 " + parsed.error().message);
    sender_path_ = path;
    if (!parsed->is_null()) {
        auto read = read_local_part(parsed->box->unquoted_local_part(), at::mail);
        if (read.what == reading::kind::wrong)
            demo_.hears().on_hint(peer_, "accepted as a sender: " + read.problem);
        for (const auto& f : read.faults)
            if (is_before(f.what.where, at::mail))
                return refuse("550 5.1.7 " + f.words + " comes before MAIL: say it in a domain" +
                              (f.what.where == at::unknown ? " or as user name" : ""));
        sender_ = {std::string{path}, std::move(read.faults)};
    }
    const auto* const r = play(at::mail, {&sender_, &login_, &greeted_, &own_});
    has_sender_ = r == nullptr || is_accepted(*r);
    return r;
}

/// Why a domain of the demo cannot be spoken of here, as text of a reply.
std::optional<std::string> session::problem_of(const site& s, std::string_view labels) const {
    if (!s.problem.empty())
        return s.problem;
    if (labels == own_site_.words || !s.is_before_rcpt() || leads_to_main_host(s.what))
        return std::nullopt;
    return s.words.substr(0, most_text) +
           " is played before RCPT: look its MX up in the fake DNS, or start fake-mx with --always";
}

const rule* session::on_rcpt(std::string_view path) {
    if (!has_sender_)
        return refuse("503 5.5.1 MAIL first");
    const auto parsed = parse_forward_path("<" + std::string{path} + ">");
    if (!parsed)
        return refuse("501 5.1.3 " + parsed.error().message);
    const auto& box = *parsed->box;
    const auto labels = labels_before(box.domain, demo_.where().domain);
    site s;
    if (labels && !labels->empty()) {
        s = read_site(*labels);
        if (const auto problem = problem_of(s, *labels))
            return refuse("550 5.1.2 " + *problem + list_hint);
    }
    auto read = read_local_part(box.unquoted_local_part(), at::rcpt);
    const bool no_word = read.what == reading::kind::wrong || read.what == reading::kind::unknown;
    if (no_word && labels && !s.catch_all && !own_site_.catch_all)
        return refuse(
            "550 5.1.1 " +
            (read.what == reading::kind::unknown ? std::string{known_names} : read.problem) +
            list_hint);
    if (read.what == reading::kind::wrong)
        demo_.hears().on_hint(peer_, "accepted: " + read.problem);
    for (const auto& f : read.faults)
        if (is_before(f.what.where, at::rcpt))
            return refuse("550 5.1.1 " + f.words + " comes before RCPT: say it in a domain" +
                          (f.what.where == at::unknown ? " or as user name"
                           : f.what.where == at::mail  ? " or as sender"
                                                       : ""));
    const source local{std::string{path}, std::move(read.faults)};
    const bool elsewhere = !s.words.empty() && s.words != own_site_.words;
    const source domain{box.domain, elsewhere ? std::move(s.faults) : std::vector<fault>{}};
    const auto* const r = play(at::rcpt, {&local, &domain, &sender_, &login_, &greeted_, &own_});
    if (r != nullptr && !is_accepted(*r))
        return r;
    if (++message_.recipient_count <= most_listed)
        message_.recipients.emplace_back(path);
    for (const auto* const from : {&local, &domain})
        if (!from->faults.empty() && later_.size() < most_sources)
            later_.push_back(*from);
    return r;
}

const rule* session::on_data() {
    if (!has_sender_)
        return refuse("503 5.5.1 MAIL first");
    if (message_.recipient_count == 0)
        return refuse("554 5.5.1 No valid recipients");
    return play_later(at::data);
}

const rule* session::on_message() {
    const auto* const r = play_later(at::message);
    message_.taken = r == nullptr || is_accepted(*r);
    message_.sender = sender_path_;
    demo_.hears().on_message(message_);
    source after;
    for (const auto& from : later_)
        for (const auto& f : from.faults)
            if (f.what.where == at::quit)
                after = {from.whose, {f}};
    forget_transaction();
    after_message_ = std::move(after);
    return r;
}

void session::on_message_line(std::string_view line) {
    if (line.starts_with('.'))
        line.remove_prefix(1);
    message_.octets += line.size() + 2;
    if (!in_header_)
        return;
    if (line.empty()) {
        in_header_ = false;
        return;
    }
    if (line.front() != ' ' && line.front() != '\t') {
        field_ = nullptr;
        const auto colon = line.find(':');
        const auto name = line.substr(0, colon == line.npos ? 0 : colon);
        for (const auto& [wanted, value] : {std::pair{"From", &message_.from},
                                            {"To", &message_.to},
                                            {"Subject", &message_.subject}})
            if (iequals(name, wanted) && value->empty())
                field_ = value;
        if (field_ != nullptr)
            line.remove_prefix(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
    }
    if (field_ != nullptr)
        *field_ += line.substr(0, most_field - std::min(most_field, field_->size()));
}

const rule* session::play_later(at where) {
    std::vector<const source*> sources;
    for (const auto& from : later_)
        sources.push_back(&from);
    sources.insert(sources.end(), {&after_message_, &sender_, &login_, &greeted_, &own_});
    return play(where, sources);
}

const rule* session::play(at where, const std::vector<const source*>& sources) {
    for (const auto* const from : sources)
        for (const auto& f : from->faults) {
            if (f.what.where != where && f.what.where != at::any)
                continue;
            const auto key = client_ + ' ' + sender_path_ + ' ' + from->whose + ' ' + f.words;
            if (!demo_.tries().is_played(f.when, key, now_))
                continue;
            note(where, *from, f);
            current_ = f.what;
            return &current_;
        }
    return nullptr;
}

void session::note(at where, const source& from, const fault& f) {
    const auto what = from.whose + ' ' + f.words;
    const bool known = std::find(noted_.begin(), noted_.end(), what) != noted_.end();
    if (known && f.what.where == at::any)
        return; // once is enough for what happens at every command
    if (noted_.size() > most_sources)
        noted_.clear();
    if (!known)
        noted_.push_back(what);
    demo_.hears().on_fault(peer_, where, from.whose, f);
}

const rule* session::refuse(std::string reply) {
    current_ = {};
    current_.octets = escape(reply, most_text) + "\r\n";
    for (std::size_t i = 0; (i = current_.octets->find('{', i)) != std::string::npos; i += 2)
        current_.octets->insert(i, "{"); // a client's brace is no placeholder
    return &current_;
}

void session::forget_transaction() {
    has_sender_ = false;
    sender_path_.clear();
    sender_ = {};
    later_.clear();
    after_message_ = {};
    message_ = {};
    message_.peer = peer_;
    message_.host = host_;
    field_ = nullptr;
    in_header_ = true;
}

} // namespace cbv::fakemx::demo
