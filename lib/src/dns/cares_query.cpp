// c-ares 1.28 has an interface of parsed records and deprecates the one of octets. The records are
// written as a message again, so that whoever reads the answer need not know.
#include "cares_query.hpp"

#include <algorithm>
#include <arpa/nameser.h>
#include <memory>
#include <utility>

namespace cbv::dns {
namespace {

std::unique_ptr<octets_handler> owned(void* data) {
    return std::unique_ptr<octets_handler>(static_cast<octets_handler*>(data));
}

} // namespace

#if ARES_VERSION >= 0x011c00

namespace {

void on_record(void* data, ares_status_t status, std::size_t, const ares_dns_record_t* record) {
    const auto handler = owned(data);
    unsigned char* octets = nullptr;
    std::size_t size = 0;
    if (record != nullptr) {
        const auto written = ares_dns_write(record, &octets, &size);
        if (written != ARES_SUCCESS)
            status = written;
    }
    const std::unique_ptr<unsigned char, void (*)(void*)> owner(octets, ares_free_string);
    (*handler)(status, {octets, size});
}

} // namespace

void send_query(ares_channel channel,
                const std::string& name,
                std::uint16_t type,
                octets_handler on_octets) {
    auto data = std::make_unique<octets_handler>(std::move(on_octets));
    // The status is also told to the callback, which owns the data from here.
    (void)ares_query_dnsrec(channel,
                            name.c_str(),
                            ARES_CLASS_IN,
                            static_cast<ares_dns_rec_type_t>(type),
                            on_record,
                            data.release(),
                            nullptr);
}

#else

namespace {

void on_message(void* data, int status, int /*timeouts*/, unsigned char* message, int length) {
    const auto handler = owned(data);
    const auto size = message == nullptr ? 0U : static_cast<unsigned>(std::max(length, 0));
    (*handler)(status, {message, size});
}

} // namespace

void send_query(ares_channel channel,
                const std::string& name,
                std::uint16_t type,
                octets_handler on_octets) {
    auto data = std::make_unique<octets_handler>(std::move(on_octets));
    // The callback owns the data from here.
    ares_query(channel, name.c_str(), ns_c_in, type, on_message, data.release());
}

#endif

} // namespace cbv::dns
