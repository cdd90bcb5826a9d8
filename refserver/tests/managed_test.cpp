// The server with the library's verifier and its manager, and a DNS server on loopback: what is
// asked again and what is not. No host is called: loopback never is.
#include "fake_dns.hpp"
#include "running_server.hpp"

#include <algorithm>
#include <memory>

namespace {

using namespace std::chrono_literals;
using namespace cbv::refserver;
using cbv::cause;
using test::client;
using test::eventually;
using test::open;
using test::running_server;

/// Lives with the server, on its context.
struct world {
    world(boost::asio::io_context& io, const cbv::call_manager_options& management)
        : dns(io,
              [](cbv::fakemx::world& w) {
                  using namespace cbv::test;
                  w.records = {mx("null.z.test", 0, "")};
                  w.answers = {broken("silent.z.test", cbv::fakemx::dns_fault::silent),
                               coded("failing.z.test", cbv::fakemx::rcode::server_failure)};
              }),
          verifier(io.get_executor(), options(management)) {}

    cbv::verifier_options options(const cbv::call_manager_options& management) const {
        cbv::verifier_options o;
        o.verification.dialogue.decisions.standing = cbv::standing_mode::off;
        o.resolver = cbv::test::ask(dns, 1);
        o.resolver.timeout = 20s;
        o.management = management;
        return o;
    }
    std::size_t queries() const {
        return static_cast<std::size_t>(
            std::count_if(dns.events().begin(), dns.events().end(), [](const auto& e) {
                return e.kind == cbv::fakemx::event_kind::query;
            }));
    }

    cbv::test::fake_dns dns;
    cbv::verifier verifier;
};

class managed_server : public ::testing::Test {
protected:
    void begin(const cbv::call_manager_options& management = {}) {
        server_ = std::make_unique<running_server>(
            test::loopback_config(), nullptr, [&](boost::asio::io_context& io) {
                auto w = std::make_shared<world>(io, management);
                world_ = w.get();
                return [w, verify = verify_by(w->verifier)](
                           cbv::verify_request request, std::function<void(cbv::verdict)> done) {
                    return verify(std::move(request), std::move(done));
                };
            });
        server_->on_stopped = [this] { world_->dns.stop(); };
        client_ = std::make_unique<client>(server_->port);
        open(*client_);
    }
    /// The reply to RCPT of a transaction of its own.
    int rcpt(const std::string& from) { return rcpt(*client_, from); }
    static int rcpt(client& c, const std::string& from) {
        EXPECT_EQ(c.command("RSET"), 250);
        EXPECT_EQ(c.command("MAIL FROM:<" + from + ">"), 250);
        return c.command("RCPT TO:<u@local.example>");
    }
    std::string enhanced() const { return client_->last.enhanced()->to_string(); }
    std::size_t queries() {
        return server_->inside([this] { return world_->queries(); });
    }
    cbv::decision_record last_record() {
        return server_->inside([this] { return server_->records.back(); });
    }

    world* world_ = nullptr;
    std::unique_ptr<running_server> server_;
    std::unique_ptr<client> client_;
};

TEST_F(managed_server, a_known_domain_is_not_asked_for_again) { // CBV-CACHE-002
    begin();
    for (const std::string domain : {"nowhere.z.test", "null.z.test"}) {
        EXPECT_EQ(rcpt("a@" + domain), 550);
        const auto reply = client_->last.to_string();
        EXPECT_FALSE(last_record().result.cached);
        const auto before = queries();
        EXPECT_EQ(rcpt("b@" + domain), 550) << "it holds for the domain";
        EXPECT_EQ(rcpt("a@" + domain), 550);
        EXPECT_EQ(client_->last.to_string(), reply);
        EXPECT_TRUE(last_record().result.cached);
        EXPECT_EQ(queries(), before);
    }
}

TEST_F(managed_server, without_a_cache_it_is) {
    cbv::call_manager_options m;
    m.cache.enabled = false;
    begin(m);
    EXPECT_EQ(rcpt("a@nowhere.z.test"), 550);
    const auto before = queries();
    EXPECT_EQ(rcpt("a@nowhere.z.test"), 550);
    EXPECT_FALSE(last_record().result.cached);
    EXPECT_EQ(queries(), 2 * before);
}

TEST_F(managed_server, a_temporary_failure_is_held_off) { // CBV-CACHE-003
    begin();
    EXPECT_EQ(rcpt("a@failing.z.test"), 451);
    EXPECT_EQ(last_record().result.why, cause::dns_failure);
    const auto before = queries();
    EXPECT_EQ(rcpt("a@failing.z.test"), 451);
    EXPECT_EQ(last_record().result.why, cause::hold_off);
    EXPECT_EQ(enhanced(), "4.1.0");
    EXPECT_EQ(queries(), before);
}

TEST_F(managed_server, a_domain_that_objects_is_not_asked_for) { // CBV-LOAD-005
    cbv::call_manager_options m;
    m.uncalled_domains = {"nowhere.z.test"};
    begin(m);
    EXPECT_EQ(rcpt("a@nowhere.z.test"), 250);
    EXPECT_EQ(last_record().result.requirement, "CBV-LOAD-005");
    EXPECT_EQ(queries(), 0U);
}

TEST_F(managed_server, too_many_calls_get_451) { // CBV-LOAD-002, CBV-LOAD-003
    cbv::call_manager_options m;
    m.calls_in_all = 1;
    begin(m);
    client waits(server_->port);
    open(waits);
    waits.send("MAIL FROM:<a@silent.z.test>\r\nRCPT TO:<u@local.example>\r\n");
    ASSERT_EQ(waits.reply_code(), 250);
    ASSERT_TRUE(eventually(*server_, [&] { return world_->queries() == 1; }));
    EXPECT_EQ(rcpt("a@nowhere.z.test"), 451);
    EXPECT_EQ(enhanced(), "4.3.2");
    EXPECT_EQ(queries(), 1U);
    waits.close(); // a lost client gives its place back
    ASSERT_TRUE(eventually(*server_, [&] { return world_->verifier.active() == 0; }));
    EXPECT_EQ(rcpt("a@nowhere.z.test"), 550);
}

TEST_F(managed_server, two_clients_share_a_call_and_one_may_leave) { // CBV-LOAD-001, CBV-LOAD-006
    begin();
    client second(server_->port);
    open(second);
    const std::string transaction = "MAIL FROM:<a@silent.z.test>\r\nRCPT TO:<u@local.example>\r\n";
    for (client* c : {client_.get(), &second}) {
        c->send(transaction);
        ASSERT_EQ(c->reply_code(), 250);
    }
    ASSERT_TRUE(eventually(*server_, [&] { return world_->queries() >= 1; }));
    client_->reset();
    ASSERT_TRUE(eventually(*server_, [&] { return server_->smtp->sessions() == 1; }));
    EXPECT_EQ(server_->inside([&] { return world_->verifier.active(); }), 1U);
    EXPECT_EQ(queries(), 1U);
    second.reset();
    ASSERT_TRUE(eventually(*server_, [&] { return world_->verifier.active() == 0; }));
}

} // namespace
