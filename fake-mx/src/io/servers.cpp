// fakemx/servers.hpp: owns the worlds, the listeners and what runs on them.
#include "fakemx/servers.hpp"

#include "dns_server.hpp"
#include "late_owner.hpp"
#include "mx_connection.hpp"
#include "sockets.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <stdexcept>
#include <sys/resource.h>
#include <unordered_set>

namespace cbv::fakemx {

namespace asio = boost::asio;
using boost::system::error_code;

instant steady_now() noexcept {
    return instant{
        std::chrono::floor<duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

std::size_t raise_file_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

namespace {
constexpr int most_port_tries = 20; // for a port that is free on every address

/// Who answers at an address that several cases share: a plain host.
struct anybody {
    anybody() { about.id = about.name = "localhost"; }
    anybody(const anybody&) = delete;
    anybody& operator=(const anybody&) = delete;

    host about;
    smtp_host shared{about};
};

/// Such a host behaves in no particular way, so that any other may answer in its place.
bool is_plain(const host& h) {
    return h.how == reach::listen && h.rules.empty() && h.keywords.empty();
}
} // namespace

struct servers::impl : std::enable_shared_from_this<servers::impl> {
    /// One host and what its connections share.
    struct served {
        const world* of;
        smtp_host shared;
    };
    /// One listening address.
    struct listener {
        listener(asio::io_context& io, ip_address a) : address(a), acceptor(io), pause(io) {}
        ip_address address;
        std::vector<served*> hosts; // more than one: a connection tells whose it is
        anybody plain;              // answers where there is more than one
        asio::ip::tcp::acceptor acceptor;
        asio::steady_timer pause; // before accepting again when descriptors ran out
    };

    /// A black hole within loopback; elsewhere the network is one.
    struct hole {
        hole(asio::io_context& io, ip_address a) : address(a), end(io) {}
        ip_address address;
        dead_end end;
    };

    impl(asio::io_context& i, server_settings s, sink to_timeline)
        : io(i), settings(std::move(s)), out(std::move(to_timeline)) {}

    void add(const world& given) {
        worlds.push_back(given);
        const auto known_hosts = hosts.size();
        const auto known_listeners = listeners.size();
        const auto known_holes = holes.size();
        try {
            enlist(worlds.back());
            for (auto i = known_listeners; opened && i < listeners.size(); ++i)
                listen(*listeners[i]);
            for (auto i = known_holes; opened && i < holes.size(); ++i)
                holes[i].end.open(holes[i].address, settings.mx_port);
            names.add(worlds.back());       // cannot be taken back, hence last
        } catch (const std::exception& e) { // as if it had never been asked for
            while (listeners.size() > known_listeners)
                listeners.pop_back();
            for (const auto& l : listeners)
                std::erase_if(l->hosts, [&](const served* h) { return h->of == &worlds.back(); });
            while (holes.size() > known_holes)
                holes.pop_back();
            while (hosts.size() > known_hosts)
                hosts.pop_back();
            std::erase_if(owners, [&](const auto& o) { return o.second.first == &worlds.back(); });
            worlds.pop_back();
            throw std::runtime_error{e.what()};
        }
        for (auto i = known_listeners; opened && i < listeners.size(); ++i)
            accept(listeners[i]);
    }

    void enlist(const world& w) {
        for (const auto& h : w.hosts)
            for (const auto& address : h.addresses)
                claim(address, w, h);
        for (const auto& h : w.hosts) {
            if (h.how == reach::blackhole)
                for (const auto& address : h.addresses)
                    if (loopback.contains(address))
                        holes.emplace_back(io, address);
            if (h.how != reach::listen)
                continue;
            hosts.push_back({&w, smtp_host{h}});
            hosts.back().shared.author = settings.author;
            for (const auto& address : h.addresses)
                listener_at(address).hosts.push_back(&hosts.back());
        }
    }

    listener& listener_at(const ip_address& address) {
        for (const auto& l : listeners)
            if (l->address == address)
                return *l;
        listeners.push_back(std::make_shared<listener>(io, address));
        return *listeners.back();
    }

    void listen(listener& l) const {
        listen_on(l.acceptor, l.address, settings.mx_port, settings.backlog);
    }

    /// All listeners. When the kernel chooses a port that is to be everybody's, it may be taken on
    /// the next address; then another one is tried.
    void listen_everywhere() {
        const bool shared_choice = settings.one_mx_port && settings.mx_port == 0;
        for (int attempt = 1;; ++attempt) {
            try {
                for (const auto& l : listeners) {
                    listen(*l);
                    if (settings.one_mx_port)
                        settings.mx_port = l->acceptor.local_endpoint().port();
                }
                return;
            } catch (const std::runtime_error&) {
                if (!shared_choice || attempt == most_port_tries)
                    throw;
                error_code ignored;
                for (const auto& l : listeners)
                    l->acceptor.close(ignored);
                settings.mx_port = 0;
            }
        }
    }

    /// Asks for a world because of a name; false when there is one that cannot be served.
    bool find_world(std::string_view name) {
        try {
            if (const auto found = settings.more_worlds(name))
                add(*found);
            return true;
        } catch (const std::runtime_error& e) {
            if (settings.trouble)
                settings.trouble(e.what());
            return false;
        }
    }

    /// Hosts that open nothing may share an address, and so may plain ones of different cases.
    void claim(const ip_address& address, const world& w, const host& h) {
        const auto [known, fresh] = owners.try_emplace(address, &w, &h);
        const auto& first = *known->second.second;
        if (fresh || (first.how != reach::listen && h.how != reach::listen) ||
            (known->second.first != &w && is_plain(first) && is_plain(h)))
            return;
        throw std::runtime_error{"address " + address.to_string() + " belongs to case " +
                                 known->second.first->id + " (host " + known->second.second->id +
                                 ") and to case " + w.id + " (host " + h.id + ")"};
    }

    void open() {
        opened = true;
        try {
            for (const auto& [name, text] : settings.static_addresses) {
                const auto address = ip_address::parse(text);
                if (!address)
                    throw std::runtime_error{"address '" + text + "' of " + name +
                                             ": expected an IP address"};
                record r;
                r.name = name;
                r.type = address->is_v4() ? rr_type::a : rr_type::aaaa;
                r.address = address;
                names.add_static(std::move(r));
            }
            listen_everywhere();
            for (auto& h : holes)
                h.end.open(h.address, settings.mx_port);
            open_dns();
        } catch (...) {
            stop();
            throw;
        }
        for (const auto& l : listeners)
            accept(l);
    }

    void open_dns() {
        if (settings.dns_address.empty())
            return;
        const auto address = ip_address::parse(settings.dns_address);
        if (!address)
            throw std::runtime_error{"DNS address '" + settings.dns_address +
                                     "': expected an IP address"};
        if (settings.more_worlds)
            names.before_lookup = [this](std::string_view name) { return find_world(name); };
        dns = std::make_shared<dns_server>(
            io,
            names,
            [self = weak_from_this()](const std::string& id, event_kind kind, std::string text) {
                if (const auto strong = self.lock())
                    strong->log(id, leg::dns, "dns", 0, kind, std::move(text));
            });
        dns->open(*address, settings.dns_port, settings.backlog);
    }

    void accept(const std::shared_ptr<listener>& l) {
        l->acceptor.async_accept(
            [self = shared_from_this(), l](const error_code& e, asio::ip::tcp::socket socket) {
                if (self->stopped)
                    return;
                if (e && e != asio::error::connection_aborted) {
                    l->pause.expires_after(std::chrono::milliseconds{50});
                    l->pause.async_wait([self, l](const error_code&) {
                        if (!self->stopped)
                            self->accept(l);
                    });
                    return;
                }
                if (!e)
                    self->serve(*l, std::move(socket));
                self->accept(l);
            });
    }

    /// What a connection's events go to, and the host that answers it.
    std::pair<smtp_responder::sink, smtp_host*> who_answers(listener& l) {
        if (l.hosts.size() == 1) {
            served& h = *l.hosts.front();
            // The responder counts connections as the first thing it does, so the number is the
            // next.
            return {[self = weak_from_this(), &h, number = h.shared.connections + 1](
                        event_kind kind, std::string text) {
                        if (const auto strong = self.lock())
                            strong->log(h, number, kind, std::move(text));
                    },
                    &h.shared};
        }
        std::vector<std::string> domains;
        for (const auto* h : l.hosts)
            domains.push_back(h->of->domain);
        auto owner = std::make_shared<late_owner>(
            std::move(domains),
            [self = weak_from_this(), hosts = l.hosts, number = 0U](
                std::size_t whose, event_kind kind, std::string text) mutable {
                served& h = *hosts[whose];
                if (number == 0)
                    number = ++h.shared.connections;
                if (const auto strong = self.lock())
                    strong->log(h, number, kind, std::move(text));
            });
        return {
            [owner](event_kind kind, std::string text) { owner->on_event(kind, std::move(text)); },
            &l.plain.shared};
    }

    void serve(listener& l, asio::ip::tcp::socket socket) {
        auto [to_timeline, answering] = who_answers(l);
        error_code unknown;
        const auto peer = socket.remote_endpoint(unknown);
        auto c = std::make_shared<mx_connection>(
            std::move(socket),
            *answering,
            std::move(to_timeline),
            unknown ? std::string{}
                    : peer.address().to_string() + " port " + std::to_string(peer.port()),
            [self = weak_from_this()](const std::shared_ptr<mx_connection>& ended) {
                if (const auto strong = self.lock())
                    strong->open_connections.erase(ended);
            });
        open_connections.insert(c);
        c->start();
    }

    void log(const served& h, unsigned connection, event_kind kind, std::string text) {
        log(h.of->id, leg::host, h.shared.about->id, connection, kind, std::move(text));
    }

    void log(const std::string& id,
             leg where,
             const std::string& party,
             unsigned connection,
             event_kind kind,
             std::string text) {
        if (stopped || !out)
            return;
        event e;
        e.at = steady_now() - settings.epoch;
        e.where = where;
        e.party = party;
        e.connection = connection;
        e.kind = kind;
        e.text = std::move(text);
        out(id, std::move(e));
    }

    void stop() {
        stopped = true;
        error_code ignored;
        for (const auto& l : listeners) {
            l->acceptor.close(ignored);
            l->pause.cancel();
        }
        holes.clear();
        for (const auto& c : std::exchange(open_connections, {}))
            c->stop();
        if (dns)
            dns->stop();
    }

    asio::io_context& io;
    server_settings settings;
    sink out;
    std::deque<world> worlds;
    std::deque<served> hosts;
    std::map<ip_address, std::pair<const world*, const host*>> owners;
    std::deque<std::shared_ptr<listener>> listeners;
    std::deque<hole> holes;
    ip_prefix loopback = *ip_prefix::parse("127.0.0.0/8");
    dns_responder names;
    std::shared_ptr<dns_server> dns;
    std::unordered_set<std::shared_ptr<mx_connection>> open_connections;
    bool opened = false;
    bool stopped = false;
};

servers::servers(asio::io_context& io, server_settings settings, sink to_timeline)
    : impl_(std::make_shared<impl>(io, std::move(settings), std::move(to_timeline))) {}

servers::~servers() {
    stop();
}

void servers::add(const world& w) {
    impl_->add(w);
}
void servers::open() {
    impl_->open();
}
void servers::stop() {
    impl_->stop();
}

std::uint16_t servers::dns_port() const {
    return impl_->dns ? impl_->dns->port() : std::uint16_t{0};
}

std::uint16_t servers::mx_port(const ip_address& address) const {
    error_code e;
    for (const auto& l : impl_->listeners)
        if (l->address == address)
            if (const auto where = l->acceptor.local_endpoint(e); !e)
                return where.port();
    return 0;
}

std::size_t servers::connections() const {
    return impl_->open_connections.size();
}

} // namespace cbv::fakemx
