// Rules written while a client speaks, for hosts whose script cannot be written beforehand (the
// demo: its faults stand in addresses). What an author returns is played as any rule of a script.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/world.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cbv::fakemx {

/// One object for each connection. Sans-I/O, as the responder that asks it.
class rule_author {
public:
    rule_author() = default;
    virtual ~rule_author() = default;
    rule_author(const rule_author&) = delete;
    rule_author& operator=(const rule_author&) = delete;

    /// The rule for what comes now: the connection (connect, banner), a command, or the end of a
    /// message. `argument` is what `match=` of a rule would see, `line` the whole command. nullptr:
    /// the host's own rules apply. What is returned holds until the next call.
    [[nodiscard]] virtual const rule*
    next(at where, std::string_view argument, std::string_view line, instant now) = 0;

    /// A line of a message, without CR LF; its leading dot, if it has one, is still doubled
    /// (RFC 5321 section 4.5.2).
    virtual void on_message_line(std::string_view line) = 0;
};

/// Makes the author for a new connection to `h`. `peer`: the client's address as the driver writes
/// it, empty when it has none.
using author_maker =
    std::function<std::unique_ptr<rule_author>(const host& h, const std::string& peer)>;

} // namespace cbv::fakemx
