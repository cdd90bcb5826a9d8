// Walks over the sections of a DNS message (RFC 1035 section 4.1), every read bounded; c-ares
// expands the names, which it escapes as its queries take them.
#include "message.hpp"

#include "cbv/text.hpp"

#include <ares.h>

#include <algorithm>
#include <arpa/nameser.h>
#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace cbv::dns {
namespace {

using octets_view = std::span<const unsigned char>;

class reader {
public:
    explicit reader(octets_view whole) : whole_(whole) {}

    /// False once something was missing or wrong; what was read then is 0.
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::size_t at() const { return at_; }
    void spoil() { good_ = false; }

    octets_view take(std::size_t size) {
        good_ = good_ && size <= whole_.size() - at_;
        if (!good_)
            return {};
        at_ += size;
        return whole_.subspan(at_ - size, size);
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return number(4); }

    void skip_name() {
        while (good_) {
            const auto length = number(1);
            if ((length & 0xC0U) == 0xC0U) { // a pointer ends the name
                take(1);
                return;
            }
            if ((length & 0xC0U) != 0)
                good_ = false;
            if (length == 0)
                return;
            take(length);
        }
    }
    std::string name() {
        char* text = nullptr;
        long size = 0;
        if (!good_ || at_ >= whole_.size() ||
            ares_expand_name(whole_.data() + at_,
                             whole_.data(),
                             static_cast<int>(whole_.size()),
                             &text,
                             &size) != ARES_SUCCESS) {
            good_ = false;
            return {};
        }
        const std::unique_ptr<char, void (*)(void*)> owner(text, ares_free_string);
        take(static_cast<std::size_t>(size));
        return std::string(without_final_dot(text));
    }

private:
    std::uint32_t number(std::size_t size) {
        std::uint32_t value = 0;
        for (const unsigned char octet : take(size))
            value = value << 8U | octet;
        return value;
    }

    octets_view whole_;
    std::size_t at_ = 0;
    bool good_ = true;
};

/// RFC 2181 section 8: with the most significant bit set it counts as zero.
std::uint32_t sound(std::uint32_t ttl) {
    return (ttl & 0x8000'0000U) != 0 ? 0 : ttl;
}

/// What stands before a record's data.
struct head {
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::uint32_t ttl = 0;
    std::uint16_t size = 0;
};

head read_head(reader& r) {
    head h;
    h.type = r.u16();
    h.klass = r.u16();
    h.ttl = sound(r.u32());
    h.size = r.u16();
    return h;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> array_of(octets_view octets) {
    std::array<std::uint8_t, Size> out{};
    std::copy_n(octets.begin(), std::min(Size, octets.size()), out.begin());
    return out;
}

void read_answer_record(reader& r, message& out) {
    dns_record record;
    record.owner = r.name();
    const head h = read_head(r);
    const std::size_t begin = r.at();
    record.ttl = h.ttl;
    bool wanted = h.klass == ns_c_in;
    switch (wanted ? int{h.type} : int{ns_t_invalid}) {
    case ns_t_cname:
        record.data = dns_alias{r.name()};
        break;
    case ns_t_mx: {
        const std::uint16_t preference = r.u16();
        record.data = mx_record{preference, r.name()};
        break;
    }
    case ns_t_a:
        record.data = ip_address::v4(array_of<4>(r.take(4)));
        break;
    case ns_t_aaaa:
        record.data = ip_address::v6(array_of<16>(r.take(16)));
        break;
    default:
        wanted = false;
        r.take(h.size);
    }
    if (r.good() && r.at() - begin != h.size)
        r.spoil();
    if (r.good() && wanted)
        out.answers.push_back(std::move(record));
}

/// MINIMUM is the last of the five numbers behind two names (RFC 1035 section 3.3.13).
std::uint32_t minimum_of(octets_view soa) {
    constexpr std::size_t numbers = 20;
    if (soa.size() < numbers)
        return 0;
    reader r(soa.last(4));
    return sound(r.u32());
}

void read_authority_record(reader& r, message& out) {
    r.skip_name();
    const head h = read_head(r);
    const octets_view data = r.take(h.size);
    if (!r.good() || h.type != ns_t_soa)
        return;
    const std::uint32_t ttl = std::min(h.ttl, minimum_of(data));
    out.negative_ttl = std::min(out.negative_ttl.value_or(ttl), ttl);
}

} // namespace

std::uint16_t wire_type(record_type type) noexcept {
    switch (type) {
    case record_type::mx:
        return ns_t_mx;
    case record_type::a:
        return ns_t_a;
    case record_type::aaaa:
        return ns_t_aaaa;
    }
    return ns_t_invalid;
}

std::optional<message> read_message(octets_view octets) {
    constexpr unsigned truncation = 0x0200;
    reader r(octets);
    message out;
    (void)r.u16(); // id
    out.truncated = (r.u16() & truncation) != 0;
    const unsigned questions = r.u16();
    const unsigned answers = r.u16();
    const unsigned authority = r.u16();
    (void)r.u16(); // additional
    for (unsigned i = 0; i < questions && r.good(); ++i) {
        r.skip_name();
        r.take(4);
    }
    for (unsigned i = 0; i < answers && r.good(); ++i)
        read_answer_record(r, out);
    for (unsigned i = 0; i < authority && r.good(); ++i)
        read_authority_record(r, out);
    if (!r.good())
        return std::nullopt;
    return out;
}

} // namespace cbv::dns
