// fakemx/dns_message.hpp: the wire format. Whatever comes in is bounded by its own length; a
// compression pointer must point backwards, so reading ends.
#include "fakemx/dns_message.hpp"

#include "dns_writer.hpp"

#include <array>

namespace cbv::fakemx {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t most_name = 255; // octets on the wire, RFC 1035 section 2.3.4
constexpr std::uint16_t type_opt = 41; // RFC 6891 section 6.1.1
constexpr std::uint16_t our_edns_size = 1232;

class reader {
public:
    explicit reader(std::string_view octets) : octets_(octets) {}

    [[nodiscard]] bool good() const noexcept { return good_; }
    [[nodiscard]] std::size_t at() const noexcept { return at_; }

    std::uint8_t octet() {
        if (at_ >= octets_.size()) {
            good_ = false;
            return 0;
        }
        return static_cast<std::uint8_t>(octets_[at_++]);
    }
    std::uint16_t u16() {
        const unsigned high = octet();
        return static_cast<std::uint16_t>(high << 8U | octet());
    }
    void skip(std::size_t n) {
        good_ = good_ && n <= octets_.size() - at_;
        at_ = good_ ? at_ + n : at_;
    }

    /// A name in lower case; a dot or backslash within a label is escaped by a backslash.
    std::string name() {
        std::string text;
        std::size_t wire = 1;
        std::optional<std::size_t> back; // where reading goes on after the first pointer
        while (good_) {
            const std::size_t start = at_;
            const unsigned length = octet();
            if (!good_ || length == 0)
                break;
            if (length >= 0xC0) {
                const std::size_t target = (length & 0x3FU) << 8U | octet();
                good_ = good_ && target < start && target >= header_size;
                if (!back)
                    back = at_;
                at_ = good_ ? target : at_;
                continue;
            }
            wire += length + 1;
            good_ = length <= 63 && wire <= most_name && length <= octets_.size() - at_;
            if (!good_)
                break;
            if (!text.empty())
                text += '.';
            for (const char c : octets_.substr(at_, length)) {
                if (c == '.' || c == '\\')
                    text += '\\';
                text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            }
            at_ += length;
        }
        if (back)
            at_ = *back;
        return text;
    }

private:
    std::string_view octets_;
    std::size_t at_ = 0;
    bool good_ = true;
};

} // namespace

std::string rcode_text(std::uint8_t code) {
    static constexpr std::array<std::string_view, 6> names{
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return code < names.size() ? std::string{names[code]} : "RCODE" + std::to_string(code);
}

std::string type_text(rr_type type) {
    switch (type) {
    case rr_type::a:
        return "A";
    case rr_type::cname:
        return "CNAME";
    case rr_type::ptr:
        return "PTR";
    case rr_type::mx:
        return "MX";
    case rr_type::txt:
        return "TXT";
    case rr_type::aaaa:
        return "AAAA";
    case rr_type::any:
        return "*";
    }
    return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

query_fault read_query(std::string_view octets, dns_query& query) {
    query = {};
    if (octets.size() < header_size)
        return query_fault::no_query;
    reader r{octets};
    query.id = r.u16();
    const unsigned flags = r.u16();
    if ((flags & 0x8000U) != 0)
        return query_fault::no_query;
    query.opcode = static_cast<std::uint8_t>(flags >> 11U & 0xFU);
    query.recursion_desired = (flags & 0x0100U) != 0;
    const unsigned questions = r.u16();
    const unsigned others = r.u16() + 0U + r.u16(); // answers, authority
    const unsigned additional = r.u16();
    if (query.opcode != 0)
        return query_fault::none; // NOTIMP, whatever follows
    if (questions != 1 || others != 0)
        return query_fault::malformed;
    query.name = r.name();
    query.type = static_cast<rr_type>(r.u16());
    query.klass = r.u16();
    if (!r.good())
        return query_fault::malformed;
    query.question = std::string{octets.substr(header_size, r.at() - header_size)};
    for (unsigned i = 0; i < additional; ++i) {
        (void)r.name();
        const unsigned type = r.u16();
        const std::uint16_t klass = r.u16();
        r.skip(4);
        r.skip(r.u16());
        if (!r.good())
            return query_fault::malformed;
        if (type == type_opt)
            query.edns_size = klass;
    }
    return query_fault::none;
}

std::string write_reply(const dns_query& query, const dns_reply& reply, std::size_t limit) {
    const auto write = [&](bool truncated) {
        dns_writer w;
        const bool soa = !truncated && !reply.negative_zone.empty();
        w.u16(query.id);
        w.u16(static_cast<std::uint16_t>(0x8080U | unsigned{query.opcode} << 11U |
                                         (truncated ? 0x0200U : 0U) |
                                         (query.recursion_desired ? 0x0100U : 0U) | reply.code));
        w.u16(query.question.empty() ? 0 : 1);
        w.u16(static_cast<std::uint16_t>(truncated ? 0 : reply.answers.size()));
        w.u16(soa ? 1 : 0);
        w.u16(query.edns_size ? 1 : 0);
        w.raw(query.question);
        if (!query.question.empty())
            w.remember(query.name, header_size);
        if (!truncated)
            for (const auto& r : reply.answers)
                w.write(r);
        if (soa)
            w.soa(reply.negative_zone, reply.negative_ttl);
        if (query.edns_size) {
            w.raw(std::string_view{"\0", 1});
            w.u16(type_opt);
            w.u16(our_edns_size);
            w.raw(std::string_view{"\0\0\0\0\0\0", 6});
        }
        return w.take();
    };
    auto octets = write(reply.truncated);
    if (octets.size() > limit || reply.answers.size() > 0xFFFF)
        octets = write(true);
    return octets;
}

} // namespace cbv::fakemx
