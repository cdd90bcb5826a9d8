// System calls that a signal may interrupt, made until they are done. Boost.Asio's signal_set
// installs its handlers without SA_RESTART, so that in a program which waits for signals every call
// that blocks may fail with EINTR. Private to drivers and programs; the core makes no system call.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>

namespace cbv {

/// Makes `call` again while it returns -1 because of a signal; its last result, with errno set. Not
/// for close(), see close_once(); nor for connect() on a socket that blocks, which goes on by
/// itself.
template <class Call>
auto resumed(Call call) -> decltype(call()) {
    for (;;) {
        const auto result = call();
        if (result != -1 || errno != EINTR)
            return result;
    }
}

/// Writes all octets; false, with errno set, when that cannot be done. What was written until then
/// stays written.
[[nodiscard]] inline bool write_all(int descriptor, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t size =
            resumed([&] { return ::write(descriptor, octets.data(), octets.size()); });
        if (size < 0)
            return false;
        octets.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

/// Closes a descriptor. Linux has closed it also when a signal interrupts that, and a second call
/// would close whatever has got the number meanwhile. False, with errno set, for other errors.
[[nodiscard]] inline bool close_once(int descriptor) noexcept {
    return ::close(descriptor) == 0 || errno == EINTR;
}

} // namespace cbv
