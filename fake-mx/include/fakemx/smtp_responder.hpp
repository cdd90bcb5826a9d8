// The server side of one SMTP connection, as a host's rules want it. Sans-I/O: a driver brings
// octets and the time and carries output away. It accepts everything that no rule speaks about and
// checks no order of commands: misbehaviour is for the judge of the time line.
#pragma once

#include "cbv/command.hpp"
#include "cbv/time.hpp"
#include "fakemx/rule_author.hpp"
#include "fakemx/timeline.hpp"
#include "fakemx/world.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx {

/// One host's script and what its connections share. Outlives them; `about` outlives it.
struct smtp_host {
    explicit smtp_host(const host& h) : about(&h), matches(h.rules.size()) {}

    const host* about;
    std::vector<unsigned> matches; ///< how often each rule was applied
    unsigned connections = 0;      ///< connections so far
    author_maker author;           ///< asked for an author on each connection; none: script alone
};

/// One connection. After each input a driver takes the output, looks at wants_close() and
/// wants_reset(), and sets its timer to deadline().
class smtp_responder {
public:
    /// Receives what belongs into the time line, while an input is being handled.
    using sink = std::function<void(event_kind kind, std::string text)>;

    /// `peer` is the client's address, for the host's author; with one it goes into the time line.
    smtp_responder(smtp_host& h, sink to_timeline, std::string peer = {});

    /// The connection was accepted. Once, before any other input.
    void on_connected(instant now);
    /// Octets came in.
    void on_bytes(std::string_view bytes, instant now);
    /// The peer sent FIN: what is pending is given up, and the connection is to be closed.
    void on_eof(instant now);
    /// The peer reset the connection. Nothing comes out any more.
    void on_reset(instant now);
    /// The time of deadline() has come (or not yet: then nothing happens).
    void on_time(instant now);
    /// All output taken so far has been written; an endless reply goes on only then.
    void on_written(instant now);

    /// Octets to write now; empty if there are none.
    [[nodiscard]] std::string take_output();
    /// To be closed with FIN, once all output is taken and written. Octets may come in after that
    /// and are still logged.
    [[nodiscard]] bool wants_close() const noexcept;
    /// To be reset, once all output is taken and written.
    [[nodiscard]] bool wants_reset() const noexcept;
    /// When on_time() is due.
    [[nodiscard]] std::optional<instant> deadline() const noexcept;
    /// The number of this connection at its host, from 1; 0 before on_connected().
    [[nodiscard]] unsigned connection() const noexcept { return connection_; }

private:
    enum class state { open, silent, closing, resetting, gone };

    /// What is being sent, or waits for its time.
    struct output {
        std::string octets;
        std::size_t at = 0;     // octets sent
        std::size_t logged = 0; // octets whose lines have been logged
        std::size_t piece = 0;  // pieces sent
        unsigned pieces = 1;
        unsigned rounds = 0; // an endless reply has been sent once: 1
        duration gap{};
        bool endless = false;
        fakemx::then after = fakemx::then::keep;
        instant due{}; // of the next piece
        bool is_greeting = false;
        bool starts_data = false;
        bool ends_session = false;
    };

    void advance(instant now);
    void start_banner(instant now);
    void take_line(std::string line, instant now);
    void answer(const std::string& line, instant now);
    void say(const rule* r, std::string octets, instant now);
    void send_piece(instant now);
    void finish_output(instant now);
    void end_with(then what);
    void log_lines();
    void end_endless();
    [[nodiscard]] bool held_back() const noexcept;
    [[nodiscard]] const rule*
    match(at where, std::string_view argument, std::string_view line, instant now);
    [[nodiscard]] std::string
    octets_of(const rule* r, std::string otherwise, std::string_view path, std::string_view line);
    void log(event_kind kind, std::string text = {}) const;

    smtp_host* host_;
    sink sink_;
    std::string peer_;
    std::unique_ptr<rule_author> author_;
    line_reader reader_;
    state state_ = state::open;
    unsigned connection_ = 0;
    bool banner_started_ = false;
    bool greeted_ = false;
    bool in_data_ = false;
    std::size_t data_octets_ = 0;
    std::size_t endless_octets_ = 0;
    std::deque<std::string> lines_; // received, not yet answered
    std::optional<output> sending_;
    std::string out_;
    bool unwritten_ = false;
};

} // namespace cbv::fakemx
