// The live world: fakemx's servers, the clients of every case and the recorder, all in one
// background thread. What the caller's thread and the background thread share is under one mutex:
// results, and who is still waiting. Starting and stopping the target is the harness's job.
#include "client_sources.hpp"
#include "connection_life.hpp"
#include "engine/run.hpp"
#include "fakemx/servers.hpp"
#include "front_client.hpp"
#include "judge_parts.hpp"
#include "smtp_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace cbv::engine {

namespace asio = boost::asio;
using clock_type = case_client::clock;

namespace {

constexpr auto look_again = std::chrono::milliseconds{20}; // while connections are open
constexpr auto after_quit = std::chrono::seconds{2};       // beyond the target's QUIT timer

/// One case under way. Touched by the background thread only, once it has begun.
struct live_case {
    explicit live_case(const conformance_case& c, asio::io_context& io) : about(c), timer(io) {}

    const conformance_case& about;
    asio::steady_timer timer; // start, then linger
    observation seen;
    clock_type::time_point origin{};
    clock_type::time_point client_done{};
    std::vector<std::shared_ptr<case_client>> clients;
    std::vector<std::unique_ptr<asio::steady_timer>> starts; // of clients that come later
    std::size_t running = 0;                                 // clients not yet done
    std::set<std::pair<std::string, unsigned>> open;         // connections at hosts
    bool begun = false;
    bool ended = false;
    std::function<void(case_result)> deliver;
};

} // namespace

struct live_run::impl {
    impl(std::vector<conformance_case> cases, target t, live_settings s)
        : cases_(std::move(cases)), target_(std::move(t)), settings_(std::move(s)),
          sources_(settings_.client_range, cases_, target_), work_(asio::make_work_guard(io_)) {
        for (const auto& c : cases_)
            live_.try_emplace(c.id, std::make_shared<live_case>(c, io_));
        if (live_.size() != cases_.size())
            throw std::runtime_error{"two cases have the same id"};
    }

    void open() {
        fakemx::raise_file_limit();
        fakemx::server_settings s;
        s.dns_address = settings_.dns_address;
        s.dns_port = settings_.dns_port;
        s.mx_port = settings_.mx_port;
        s.static_addresses = settings_.static_addresses;
        servers_ = std::make_unique<fakemx::servers>(
            io_, s, [this](const std::string& id, fakemx::event e) { record(id, std::move(e)); });
        for (const auto& c : cases_)
            servers_->add(c.world);
        servers_->open();
        thread_ = std::thread{[this] { io_.run(); }};
    }

    void start() {
        std::size_t number = 0;
        for (const auto& c : cases_) {
            auto& one = live_.at(c.id);
            const auto n = number++;
            {
                const std::lock_guard lock{mutex_};
                ++owed_;
            }
            if (const auto missing = missing_capability(c, target_)) {
                case_result r;
                r.id = c.id;
                r.result = status::unsupported;
                r.reason = *missing;
                hand_out(std::move(r));
                continue;
            }
            one->deliver = [this](case_result r) { hand_out(std::move(r)); };
            asio::post(io_, [this, one, n, sources = sources_.of(c)] {
                one->timer.expires_after(settings_.start_spread * static_cast<long>(n));
                one->timer.async_wait([this, one, sources](boost::system::error_code e) {
                    if (!e)
                        start_clients(one, sources);
                });
            });
        }
    }

    void start_clients(const std::shared_ptr<live_case>& one,
                       const std::vector<ip_address>& sources) {
        begin(*one);
        const auto& scripts = one->about.clients;
        one->running = scripts.size();
        for (unsigned i = 0; i < scripts.size(); ++i) {
            const auto done = [this, one] {
                if (--one->running == 0)
                    linger(one);
            };
            if (target_.kind == target_kind::smtp)
                one->clients.push_back(std::make_shared<smtp_client>(
                    io_, one->about, i, target_, one->seen, sources[i], one->origin, done));
            else
                one->clients.push_back(std::make_shared<front_client>(
                    io_, one->about, i, target_, one->seen, sources[i], one->origin, done));
        }
        for (unsigned i = 0; i < scripts.size(); ++i) {
            if (scripts[i].start == duration{}) {
                one->clients[i]->start();
                continue;
            }
            one->starts.push_back(std::make_unique<asio::steady_timer>(io_));
            auto& timer = *one->starts.back();
            timer.expires_at(one->origin + scripts[i].start);
            timer.async_wait([one, i](boost::system::error_code e) {
                if (!e)
                    one->clients[i]->start();
            });
        }
    }

    void begin(live_case& one) {
        one.origin = clock_type::now();
        one.begun = true;
        one.seen.timeline.clear(); // what a target asked before is none of the case's
        const std::lock_guard lock{mutex_};
        waiting_[one.about.id] = one.origin;
    }

    void record(const std::string& id, fakemx::event e) {
        const auto found = live_.find(id);
        if (found == live_.end() || found->second->ended)
            return;
        auto& one = *found->second;
        if (e.where == fakemx::leg::host) {
            const std::pair key{e.party, e.connection};
            if (e.kind == fakemx::event_kind::connected)
                one.open.insert(key);
            else if (ends_connection(e.kind))
                one.open.erase(key);
        }
        if (!one.begun)
            return;
        e.at = std::chrono::duration_cast<duration>(clock_type::now() - one.origin);
        one.seen.timeline.push_back(std::move(e));
    }

    /// How long connections are watched after the client's end, at most.
    [[nodiscard]] duration patience(const live_case& one) const {
        const auto quit = target_.timeouts.find("quit-timeout");
        const auto timer = quit == target_.timeouts.end() ? 5.0 : quit->second * target_.scale;
        duration longest = duration{std::llround(timer * 1e6)} + after_quit;
        const auto spent = std::chrono::duration_cast<duration>(one.client_done - one.origin);
        for (const auto& x : one.about.expect)
            if (x.check == world_check::hang_up && x.within)
                longest = std::max(longest, *x.within + target_.slack + after_quit - spent);
        return std::max(longest, least_watch(one));
    }

    [[nodiscard]] duration least_watch(const live_case& one) const {
        return std::max(settings_.linger, one.about.watch);
    }

    void linger(const std::shared_ptr<live_case>& one) {
        one->client_done = clock_type::now();
        watch(one);
    }

    void watch(const std::shared_ptr<live_case>& one) {
        const auto spent =
            std::chrono::duration_cast<duration>(clock_type::now() - one->client_done);
        const auto least = least_watch(*one);
        if ((one->open.empty() && spent >= least) || spent >= patience(*one)) {
            end(*one);
            return;
        }
        one->timer.expires_after(one->open.empty() ? least - spent : duration{look_again});
        one->timer.async_wait([this, one](boost::system::error_code e) {
            if (!e)
                watch(one);
        });
    }

    void end(live_case& one) {
        if (one.ended)
            return;
        one.ended = true;
        auto result = judge(one.about, target_, std::move(one.seen));
        {
            const std::lock_guard lock{mutex_};
            waiting_.erase(one.about.id);
        }
        if (one.deliver)
            one.deliver(std::move(result));
    }

    void hand_out(case_result r) {
        {
            const std::lock_guard lock{mutex_};
            results_.push_back(std::move(r));
        }
        changed_.notify_all();
    }

    std::optional<case_result> next_result(duration timeout) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(
            lock, timeout, [&] { return !results_.empty() || owed_ == 0 || stopped_; });
        if (results_.empty())
            return std::nullopt;
        auto r = std::move(results_.front());
        results_.pop_front();
        --owed_;
        return r;
    }

    std::vector<std::pair<std::string, double>> waiting() {
        const std::lock_guard lock{mutex_};
        std::vector<std::pair<std::string, double>> list;
        for (const auto& [id, since] : waiting_)
            list.emplace_back(id, std::chrono::duration<double>(clock_type::now() - since).count());
        return list;
    }

    std::shared_ptr<live_case> find(const std::string& id) {
        const auto found = live_.find(id);
        if (found == live_.end())
            throw std::runtime_error{"no case " + id};
        return found->second;
    }

    /// Runs `what` in the background thread and waits for it.
    template <class F>
    void in_background(F what) {
        if (!thread_.joinable())
            throw std::runtime_error{"live_run: outside open() and stop()"};
        std::promise<void> done;
        asio::post(io_, [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }

    case_result finish(const std::string& id, std::string verdict, std::string trouble) {
        auto one = find(id);
        if (!thread_.joinable())
            throw std::runtime_error{"live_run: outside open() and stop()"};
        auto result = std::make_shared<std::promise<case_result>>();
        auto future = result->get_future();
        asio::post(io_,
                   [this, one, result, verdict = std::move(verdict), trouble = std::move(trouble)] {
                       if (!one->begun)
                           begin(*one);
                       one->seen.stated_verdict = verdict;
                       one->seen.trouble = trouble;
                       one->deliver = [result](case_result r) { result->set_value(std::move(r)); };
                       linger(one);
                   });
        return future.get();
    }

    void stop() {
        {
            const std::lock_guard lock{mutex_};
            stopped_ = true;
        }
        changed_.notify_all();
        if (!thread_.joinable())
            return;
        asio::post(io_, [this] {
            for (auto& [id, one] : live_) {
                one->timer.cancel();
                for (auto& start : one->starts)
                    start->cancel();
                for (auto& client : one->clients)
                    client->stop();
            }
            work_.reset();
            io_.stop();
        });
        thread_.join();
        servers_.reset();
    }

    std::vector<conformance_case> cases_;
    target target_;
    live_settings settings_;
    client_sources sources_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::map<std::string, std::shared_ptr<live_case>> live_;
    std::unique_ptr<fakemx::servers> servers_;
    std::thread thread_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<case_result> results_;
    std::map<std::string, clock_type::time_point> waiting_;
    std::size_t owed_ = 0;
    bool stopped_ = false;
};

live_run::live_run(std::vector<conformance_case> cases, target t, live_settings s)
    : impl_(std::make_unique<impl>(std::move(cases), std::move(t), std::move(s))) {}

live_run::~live_run() {
    stop();
}

void live_run::open() {
    impl_->open();
}
void live_run::start() {
    impl_->start();
}

std::optional<case_result> live_run::next_result(duration timeout) {
    return impl_->next_result(timeout);
}

std::vector<std::pair<std::string, double>> live_run::waiting() const {
    return impl_->waiting();
}

void live_run::begin(const std::string& case_id) {
    const auto one = impl_->find(case_id);
    impl_->in_background([&] { impl_->begin(*one); });
}

case_result live_run::finish(const std::string& case_id, std::string verdict, std::string trouble) {
    return impl_->finish(case_id, std::move(verdict), std::move(trouble));
}

void live_run::stop() {
    impl_->stop();
}

} // namespace cbv::engine
