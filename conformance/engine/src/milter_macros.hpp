// Which macros a milter is given at which stage: those MTAs give, or those it asked for when it was
// negotiated with (SMFIR_SETSYMLIST). Their values are the front's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::engine::milter {

class macro_lists {
public:
    /// Reads what stands behind the three numbers of an OPTNEG. False: it has no end.
    [[nodiscard]] bool read(std::string_view data);
    /// Data of the MACRO packet before a command; empty if there is nothing to give. What has no
    /// value is left out.
    [[nodiscard]] std::string packet(char command,
                                     const std::map<std::string, std::string>& values) const;

private:
    std::map<char, std::vector<std::string>> asked_; // command -> names
};

} // namespace cbv::engine::milter
