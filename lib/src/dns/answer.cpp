// What c-ares says of a query and what the message holds, as the rules need it. The records are
// read here and not by c-ares' parsers, which take records of any name for an answer, and a chain
// of aliases without an end for the absence of records (CBV-MX-014, CBV-MX-015).
#include "answer.hpp"

#include "message.hpp"

#include <ares.h>

#include <algorithm>
#include <utility>

namespace cbv::dns {
namespace {

dns_answer failure(const char* detail) {
    dns_answer answer;
    answer.status = dns_status::temporary;
    answer.detail = detail;
    return answer;
}

} // namespace

dns_answer make_answer(std::string_view name,
                       record_type type,
                       int status,
                       std::span<const unsigned char> octets) {
    // Whatever is not a clear answer is "not known now", never "does not exist" (CBV-MX-010).
    if (status != ARES_SUCCESS && status != ARES_ENODATA && status != ARES_ENOTFOUND)
        return failure(ares_strerror(status));
    const auto read = read_message(octets);
    if (!read)
        return failure(ares_strerror(ARES_EBADRESP));
    if (read->truncated) // c-ares has asked over TCP before it shows this
        return failure("truncated over TCP");
    dns_answer answer = read_answer(name, type, read->answers);
    if (status == ARES_ENOTFOUND)
        answer.status = dns_status::nxdomain;
    const bool positive = !answer.mx.empty() || !answer.addresses.empty();
    if (!positive) {
        if (!read->negative_ttl)
            answer.ttl = 0; // nobody said how long
        else
            answer.ttl = answer.aliases == 0 ? *read->negative_ttl
                                             : std::min(answer.ttl, *read->negative_ttl);
        if (status == ARES_SUCCESS)
            status = ARES_ENODATA;
    }
    answer.detail = ares_strerror(status);
    return answer;
}

} // namespace cbv::dns
