// What fake-mx tells while it runs: one line an event, for people or as JSON. Everything from the
// wire is escaped. It opens no file and reads no clock.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/demo/demo.hpp"
#include "fakemx/timeline.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::program {

/// What is open where, once everything is.
struct ready_state {
    struct host {
        std::string id;
        std::string name;
        std::string address;
        std::uint16_t port = 0; ///< 0: nothing listens there
        std::string does;       ///< "listens", "refuses connections" ...
    };
    std::string domain;
    std::vector<host> hosts;
    std::string range;       ///< where hosts get their addresses
    std::string dns_address; ///< empty: no DNS
    std::uint16_t dns_port = 0;

    /// One line of JSON without its end: {"kind":"ready","smtp_port":2525, ...}.
    [[nodiscard]] std::string to_json() const;
};

/// How much there was, for the last line.
struct counts {
    std::size_t connections = 0;
    std::size_t messages = 0; ///< taken
    std::size_t faults = 0;
    std::size_t queries = 0;
};

/// Receives everything; derived classes make lines of it. Lines go to `out`, without their end.
class event_log : public demo::observer {
public:
    using line_sink = std::function<void(const std::string& line)>;
    /// Now, since the start.
    using clock = std::function<duration()>;

    event_log(line_sink out, clock since_start);

    virtual void on_ready(const ready_state& state) = 0;
    /// The end, by a signal.
    virtual void on_end(const counts& all) = 0;
    /// An event of a world. The first connection of all is client number 1.
    void on_event(const std::string& world_id, const event& e);
    /// Something of the servers that went wrong and ends nothing.
    void on_trouble(const std::string& what);

    void on_fault(const std::string& peer,
                  at where,
                  const std::string& whose,
                  const demo::fault& what) override;
    void on_message(const demo::message_summary& message) override;
    void on_hint(const std::string& peer, const std::string& text) override;

    [[nodiscard]] const counts& all() const noexcept { return counts_; }

protected:
    /// One thing to tell.
    struct entry {
        duration when{};
        unsigned client = 0; ///< 0: none, as with the DNS
        std::string world;   ///< id, "" where there is none
        std::string host;    ///< id of the host, likewise
        std::string_view kind;
        std::string text; ///< raw
        const demo::message_summary* message = nullptr;
        const demo::fault* fault = nullptr;
        at stage = at::any; ///< of a fault
        std::string whose;  ///< of a fault
    };
    virtual void tell(const entry& e) = 0;
    void put(const std::string& line) const { out_(line); }

private:
    struct client {
        unsigned number = 0;
        std::string world;
        std::string host;
    };
    [[nodiscard]] entry about(const std::string& peer, std::string_view kind) const;

    line_sink out_;
    clock since_start_;
    counts counts_;
    std::map<std::string, client> by_connection_; // "world host#n"
    std::map<std::string, client> by_peer_;
    std::deque<std::pair<std::string, std::string>> order_; // both keys, oldest first
};

/// For people. `prints_dns`: also what the DNS is asked.
class text_log : public event_log {
public:
    text_log(line_sink out, clock since_start, bool colours);
    void on_ready(const ready_state& state) override;
    void on_end(const counts& all) override;

protected:
    void tell(const entry& e) override;

private:
    [[nodiscard]] std::string paint(std::string_view colour, const std::string& text) const;
    bool colours_;
};

/// For scripts: one JSON object a line.
class json_log : public event_log {
public:
    using event_log::event_log;
    void on_ready(const ready_state& state) override;
    void on_end(const counts& all) override;

protected:
    void tell(const entry& e) override;
};

/// For nobody: it only counts.
class quiet_log : public event_log {
public:
    quiet_log() : event_log([](const std::string&) {}, [] { return duration{}; }) {}
    void on_ready(const ready_state&) override {}
    void on_end(const counts&) override {}

protected:
    void tell(const entry&) override {}
};

} // namespace cbv::fakemx::program
