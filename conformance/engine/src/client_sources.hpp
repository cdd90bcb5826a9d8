// Source addresses of the clients of a live run: one after the other from a range. It does not look
// whether an address can be called from.
#pragma once

#include "engine/case.hpp"
#include "engine/target.hpp"

#include <set>
#include <string>
#include <vector>

namespace cbv::engine {

class client_sources {
public:
    /// Leaves out the addresses that stand for something: of a case's own client, or on a list of
    /// the target's. Throws std::runtime_error when `range` is no prefix.
    client_sources(const std::string& range,
                   const std::vector<conformance_case>& cases,
                   const target& t);

    /// An address for each client of the case; the range is gone through again when it ends.
    [[nodiscard]] std::vector<ip_address> of(const conformance_case& c);

private:
    ip_prefix range_;
    std::set<ip_address> taken_;
    std::size_t next_ = 0;
};

} // namespace cbv::engine
