// Delivery into a Maildir (refserver/maildir.hpp): tmp, fsync, rename to new, fsync the directory.
// In this order a power cut leaves either a whole message in new/ or nothing there.
#include "refserver/maildir.hpp"

#include "system_call.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cbv::refserver {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours stale{36}; // the Maildir specification's limit for tmp/

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A descriptor that closes itself.
class file {
public:
    file(const fs::path& path, int flags, mode_t mode = 0)
        : path_(path.string()),
          fd_(resumed([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); })) {
        if (fd_ < 0)
            fail("cannot open " + path_);
    }
    ~file() {
        if (fd_ >= 0)
            (void)close_once(fd_); // after an error, which is the one to report
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;

    void write(std::string_view octets) {
        if (!write_all(fd_, octets))
            fail("cannot write " + path_);
    }
    void sync() {
        if (resumed([&] { return ::fsync(fd_); }) != 0)
            fail("cannot sync " + path_);
    }
    /// Some file systems report a failed write only here.
    void close() {
        if (!close_once(std::exchange(fd_, -1)))
            fail("cannot close " + path_);
    }

private:
    std::string path_;
    int fd_;
};

void sync_directory(const fs::path& directory) {
    file(directory, O_RDONLY | O_DIRECTORY).sync();
}

/// Removes the file unless the delivery got through.
class guard {
public:
    explicit guard(fs::path path) : path_(std::move(path)) {}
    ~guard() {
        std::error_code ignored; // the first error is the one to report
        if (!path_.empty())
            fs::remove(path_, ignored);
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    void moved_to(fs::path path) { path_ = std::move(path); }
    void keep() { path_.clear(); }

private:
    fs::path path_;
};

void remove_stale(const fs::path& tmp) {
    for (const auto& entry : fs::directory_iterator(tmp)) {
        std::error_code error;
        const auto age = fs::file_time_type::clock::now() - entry.last_write_time(error);
        if (!error && age > stale)
            fs::remove(entry.path(), error);
    }
}

} // namespace

maildir::maildir(fs::path root, std::string host_name, delivery_hook hook)
    : root_(std::move(root)), host_name_(std::move(host_name)), hook_(std::move(hook)) {
    for (const char* part : {"tmp", "new", "cur"})
        fs::create_directories(root_ / part);
    sync_directory(root_);
    remove_stale(root_ / "tmp");
}

std::string maildir::deliver(std::string_view content) {
    const std::string name = unique_name();
    const fs::path in_tmp = root_ / "tmp" / name;
    const fs::path in_new = root_ / "new" / name;

    file out(in_tmp, O_WRONLY | O_CREAT | O_EXCL, 0600);
    guard unfinished(in_tmp);
    reach(delivery_point::opened);
    out.write(content.substr(0, content.size() / 2));
    reach(delivery_point::half_written);
    out.write(content.substr(content.size() / 2));
    reach(delivery_point::written);
    out.sync();
    out.close();
    reach(delivery_point::file_synced);
    fs::rename(in_tmp, in_new);
    unfinished.moved_to(in_new); // not acknowledged, so the client will send it again
    reach(delivery_point::renamed);
    sync_directory(root_ / "new");
    reach(delivery_point::directory_synced);
    unfinished.keep();
    return name;
}

std::string maildir::unique_name() {
    using namespace std::chrono;
    const auto now = system_clock::now().time_since_epoch();
    const auto whole = duration_cast<seconds>(now);
    return std::to_string(whole.count()) + ".M" +
           std::to_string(duration_cast<microseconds>(now - whole).count()) + 'P' +
           std::to_string(::getpid()) + 'Q' + std::to_string(++counter_) + '.' + host_name_;
}

} // namespace cbv::refserver
