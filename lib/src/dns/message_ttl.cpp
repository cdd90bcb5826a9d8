// Walks over the sections of a DNS message (RFC 1035 section 4.1), every read bounded. Names are
// skipped, never expanded.
#include "message_ttl.hpp"

#include <algorithm>
#include <arpa/nameser.h>
#include <cstddef>

namespace cbv::dns {
namespace {

class reader {
public:
    explicit reader(std::span<const unsigned char> message) : rest_(message) {}

    /// False once something was missing; what was read then is 0.
    [[nodiscard]] bool good() const { return good_; }

    std::span<const unsigned char> take(std::size_t size) {
        if (size > rest_.size())
            good_ = false;
        if (!good_)
            return {};
        const auto taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
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

private:
    std::uint32_t number(std::size_t size) {
        std::uint32_t value = 0;
        for (const unsigned char octet : take(size))
            value = value << 8U | octet;
        return value;
    }

    std::span<const unsigned char> rest_;
    bool good_ = true;
};

/// RFC 2181 section 8: with the most significant bit set it counts as zero.
std::uint32_t sound(std::uint32_t ttl) {
    return (ttl & 0x8000'0000U) != 0 ? 0 : ttl;
}

struct record {
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::span<const unsigned char> data;
};

record read_record(reader& r) {
    record out;
    r.skip_name();
    out.type = r.u16();
    (void)r.u16(); // class
    out.ttl = sound(r.u32());
    out.data = r.take(r.u16());
    return out;
}

/// MINIMUM is the last of the five numbers behind two names (RFC 1035 section 3.3.13).
std::uint32_t minimum_of(std::span<const unsigned char> soa) {
    constexpr std::size_t numbers = 20;
    if (soa.size() < numbers)
        return 0;
    reader r(soa.last(4));
    return sound(r.u32());
}

} // namespace

std::optional<std::uint32_t> ttl_of(std::span<const unsigned char> message, std::uint16_t type) {
    reader r(message);
    r.take(4); // id, flags
    const unsigned questions = r.u16();
    const unsigned answers = r.u16();
    const unsigned authority = r.u16();
    (void)r.u16(); // additional
    for (unsigned i = 0; i < questions && r.good(); ++i) {
        r.skip_name();
        r.take(4);
    }
    std::optional<std::uint32_t> least;
    const auto consider = [&least](std::uint32_t ttl) {
        least = least ? std::min(*least, ttl) : ttl;
    };
    bool positive = false;
    for (unsigned i = 0; i < answers && r.good(); ++i) {
        const record found = read_record(r);
        positive = positive || found.type == type;
        if (found.type == type || found.type == ns_t_cname)
            consider(found.ttl);
    }
    bool known = positive;
    for (unsigned i = 0; i < authority && !positive && r.good(); ++i) {
        const record found = read_record(r);
        if (found.type != ns_t_soa)
            continue;
        consider(std::min(found.ttl, minimum_of(found.data)));
        known = true;
    }
    return r.good() && known ? least : std::nullopt;
}

} // namespace cbv::dns
