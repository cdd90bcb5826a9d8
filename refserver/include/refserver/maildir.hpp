// A Maildir that loses nothing: a message counts as delivered when it and the directory entry that
// names it are on disk. It writes only; it neither reads mail nor knows users.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace cbv::refserver {

/// Where a delivery stands; for fault injection in tests.
enum class delivery_point {
    opened,           ///< the file in tmp/ exists and is empty
    half_written,     ///< half of the content is written
    written,          ///< all is written, nothing is synced
    file_synced,      ///< the content is on disk
    renamed,          ///< the file is in new/, the directory is not synced
    directory_synced, ///< delivered
};

/// Called at each point; what it throws ends the delivery as a failure.
using delivery_hook = std::function<void(delivery_point)>;

class maildir {
public:
    /// Makes `root` with tmp/, new/ and cur/ where they are missing, and removes files from tmp/
    /// that are older than 36 hours (left by a crash). Throws std::system_error (also
    /// std::filesystem::filesystem_error).
    maildir(std::filesystem::path root, std::string host_name, delivery_hook hook = {});

    /// Delivers and returns the file's name in new/. Throws std::system_error (a full disk, for
    /// instance) with nothing left in tmp/ or new/. Thread-safe.
    std::string deliver(std::string_view content);

private:
    [[nodiscard]] std::string unique_name();
    void reach(delivery_point p) const {
        if (hook_)
            hook_(p);
    }

    std::filesystem::path root_;
    std::string host_name_;
    delivery_hook hook_;
    std::atomic<std::uint64_t> counter_{0};
};

} // namespace cbv::refserver
