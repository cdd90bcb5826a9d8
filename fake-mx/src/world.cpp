// fakemx/world.hpp: looking up a host.
#include "fakemx/world.hpp"

namespace cbv::fakemx {

const host* world::find(std::string_view host_id) const noexcept {
    for (const auto& h : hosts)
        if (h.id == host_id)
            return &h;
    return nullptr;
}

} // namespace cbv::fakemx
