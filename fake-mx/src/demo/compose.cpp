// Makes one rule of the words of one stage (pieces.hpp: compose).
#include "cbv/duration_text.hpp"
#include "pieces.hpp"

#include <algorithm>

namespace cbv::fakemx::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t long_line = 2000; // octets; RFC 5321 section 4.5.3.1.5 permits 512
constexpr duration endless_gap = 20ms;

/// What the words of one stage ask for.
struct wish {
    at stage = at::rcpt;
    std::string words;
    const part* reply = nullptr;
    const part* shape = nullptr; // multiline, longline, mixed, half, garbage, endless
    const part* pace = nullptr;  // drip, split
    const part* ending = nullptr;
    const part* gate = nullptr;
    const part* wait = nullptr;
    bool bare_lf = false;
};

/// Where a part goes in a wish; nullptr for bare-lf, of which there may be several.
const part** place(wish& w, const part& p) {
    if (p.is_reply)
        return &w.reply;
    switch (p.what) {
    case effect::slow:
        return &w.wait;
    case effect::drip:
    case effect::split:
        return &w.pace;
    case effect::drop:
    case effect::reset:
    case effect::silent:
        return &w.ending;
    case effect::grey:
    case effect::limit:
        return &w.gate;
    case effect::bare_lf:
        return nullptr;
    default:
        return &w.shape;
    }
}

struct reply_words {
    std::string code;
    std::string enhanced;
    std::string text;
};

/// The reply of a good server, where only its shape is at fault.
reply_words usual_reply(at stage) {
    switch (stage) {
    case at::banner:
        return {"220", "", "{name} ESMTP fake-mx"};
    case at::ehlo:
    case at::helo:
        return {"250", "", "{name}"};
    case at::unknown:
        return {"235", "2.7.0", "Welcome"};
    case at::mail:
        return {"250", "2.1.0", "Sender OK"};
    case at::rcpt:
        return {"250", "2.1.5", "Recipient OK"};
    case at::data:
        return {"354", "", "Go ahead"};
    case at::message:
        return {"250", "2.6.0", "Message taken and forgotten"};
    case at::quit:
        return {"221", "2.0.0", "Bye"};
    default:
        return {"250", "2.0.0", "OK"};
    }
}

std::string line(const reply_words& r, char separator, std::string_view code = {}) {
    std::string out{code.empty() ? std::string_view{r.code} : code};
    out += separator;
    if (!r.enhanced.empty())
        out += r.enhanced + " ";
    return out + r.text;
}

/// The octets, and in `does` what they are in words.
std::string octets(const wish& w, const reply_words& r, std::string& does) {
    const auto suffix = " (" + w.words + ")"; // the log has the words before it
    const auto without = [&](reply_words plain) {
        if (plain.text.ends_with(suffix))
            plain.text.resize(plain.text.size() - suffix.size());
        return line(plain, ' ');
    };
    const auto says = "says " + without(r);
    std::string out = line(r, ' ') + "\r\n";
    does = says;
    if (w.shape != nullptr)
        switch (w.shape->what) {
        case effect::multiline: {
            const auto n = w.shape->count.value_or(3);
            out.clear();
            for (unsigned i = 1; i < n; ++i)
                out += line(r, '-') + "\r\n";
            out += line(r, ' ') + "\r\n";
            does = says + ", in " + std::to_string(n) + " lines";
            break;
        }
        case effect::longline:
            out = line(r, ' ') + " " + std::string(long_line, 'x') + "\r\n";
            does = says + ", in a line of over 2000 octets";
            break;
        case effect::mixed: {
            const bool good = r.code[0] < '4';
            out = line(r, '-', "250") + "\r\n" + line(r, ' ', good ? "550" : "") + "\r\n";
            does = "says 250-, then " + (good ? std::string{"550"} : r.code) + ", in one reply";
            break;
        }
        case effect::half:
            out.resize(out.size() / 2);
            does = "sends half of " + without(r);
            break;
        case effect::garbage:
            out = "\x15\x03\x01 this is no SMTP reply\r\n";
            does = "sends what is no SMTP reply";
            break;
        default: // endless
            out = line(r, '-') + "\r\n";
            does = "says " + line(r, '-') + " for ever";
            break;
        }
    if (w.bare_lf) {
        out.erase(std::remove(out.begin(), out.end(), '\r'), out.end());
        does += ", with LF alone";
    }
    return out;
}

void set_ending(const wish& w, const reply_words& r, rule& what, std::string& does) {
    const bool has_octets = what.octets.has_value();
    const bool half = w.shape != nullptr && w.shape->what == effect::half;
    if (w.ending == nullptr) {
        if (half || (w.reply != nullptr && r.code == "421")) // RFC 5321 section 3.8
            what.after = then::close;
    } else if (w.ending->what == effect::drop) {
        what.after = then::close;
    } else {
        what.after = w.ending->what == effect::reset ? then::reset : then::silent;
    }
    if (what.after == then::keep)
        return;
    does += has_octets ? ", then " : "";
    does += what.after == then::close   ? "closes the connection"
            : what.after == then::reset ? "resets the connection"
            : has_octets                ? "says nothing more"
                                        : "says nothing any more";
}

gate read_gate(const wish& w, std::string& does) {
    gate g;
    const auto& p = *w.gate;
    const auto count = std::to_string(p.count.value_or(1));
    if (p.what == effect::limit) {
        g = {gate::kind::over_limit, *p.count, p.time.value_or(1min)};
        does += ", after " + count + " tries within " + format_duration(g.time);
    } else if (p.time) {
        g = {gate::kind::first_while, 0, *p.time};
        does += ", until " + format_duration(g.time) + " after the first try";
    } else {
        g = {gate::kind::first_tries, p.count.value_or(1), {}};
        does += count == "1" ? ", at the first try" : ", at the first " + count + " tries";
    }
    return g;
}

fault make(const wish& w) {
    fault f;
    f.words = w.words;
    f.what.where = w.stage;
    auto r = usual_reply(w.stage);
    if (w.reply != nullptr)
        r = {w.reply->code, w.reply->enhanced, w.reply->text};
    else if (w.gate != nullptr && w.ending == nullptr && w.shape == nullptr)
        r = {"451", "4.7.1", w.gate->what == effect::grey ? "Greylisted, try again" : "Too many"};
    const bool speaks = w.reply != nullptr || w.shape != nullptr || w.bare_lf ||
                        (w.gate != nullptr && w.ending == nullptr);
    std::string does;
    if (speaks) {
        if (r.code[0] >= '4' || w.reply != nullptr)
            if (r.text != "{name}")
                r.text += " (" + w.words + ")";
        f.what.octets = octets(w, r, does);
        f.what.endless = w.shape != nullptr && w.shape->what == effect::endless;
        f.what.gap = f.what.endless ? endless_gap : f.what.gap;
    }
    set_ending(w, r, f.what, does);
    f.what.default_reply = !f.what.octets && f.what.after == then::keep;
    if (does.empty())
        does = "gives the usual reply";
    if (w.pace != nullptr) {
        f.what.gap = w.pace->time.value_or(200ms);
        f.what.drip = w.pace->what == effect::drip;
        f.what.segments = f.what.drip ? 1 : 2;
        does += (f.what.drip ? ", octet by octet, " : ", in two pieces, ") +
                format_duration(f.what.gap) + " apart";
    }
    if (w.gate != nullptr)
        f.when = read_gate(w, does);
    if (w.wait != nullptr) {
        f.what.delay = w.wait->time.value_or(5s);
        does = "waits " + format_duration(f.what.delay) + ", " + does;
    }
    f.does = does;
    return f;
}

} // namespace

std::optional<std::string> compose(const std::vector<part>& parts, std::vector<fault>& faults) {
    std::vector<wish> wishes;
    for (const auto& p : parts) {
        auto w = std::find_if(wishes.begin(), wishes.end(), [&](const wish& known) {
            return known.stage == p.stage;
        });
        if (w == wishes.end()) {
            wishes.push_back({});
            w = std::prev(wishes.end());
            w->stage = p.stage;
        }
        w->words += (w->words.empty() ? "" : ".") + p.word;
        const part** const where = place(*w, p);
        if (where == nullptr) {
            w->bare_lf = true;
            continue;
        }
        if (*where != nullptr)
            return (*where)->word + " and " + p.word + " do not go together";
        *where = &p;
    }
    for (const auto& w : wishes)
        if (w.shape != nullptr && w.shape->what == effect::endless && w.ending != nullptr)
            return w.shape->word + " and " + w.ending->word + " do not go together";
        else if (w.shape != nullptr && w.shape->what == effect::half && w.bare_lf)
            return "half and bare-lf do not go together";
    for (const auto& w : wishes)
        faults.push_back(make(w));
    std::stable_sort(faults.begin(), faults.end(), [](const fault& a, const fault& b) {
        return is_before(a.what.where, b.what.where);
    });
    return std::nullopt;
}

} // namespace cbv::fakemx::demo
