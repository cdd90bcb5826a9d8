// The MTA in front of a Postfix policy delegation server: asks at RCPT, over one connection a
// session, what Postfix's smtpd asks there, and replies as it does. It asks at no other stage.
#pragma once

#include "mta_front.hpp"
#include "policy_codec.hpp"

namespace cbv::engine {

class policy_front : public mta_front {
public:
    explicit policy_front(front_session session) : mta_front(std::move(session)) {}

    /// The attributes of the request for the present recipient, in Postfix's order.
    [[nodiscard]] policy::attributes request() const;

protected:
    void client_connected(duration now) override { go_on(std::nullopt, now); }
    void client_greets(duration now) override { go_on(std::nullopt, now); }
    void client_gives_mail(duration now) override { go_on(std::nullopt, now); }
    void client_gives_recipient(duration now) override;
    void client_asks_for_data(duration now) override { go_on(std::nullopt, now); }
    void client_gives_message(std::string, duration now) override { go_on(std::nullopt, now); }
    void client_resets(duration) override {}
    void client_leaves(duration now) override;
    void target_connected(duration now) override;
    void target_refused(const std::string& why, duration now) override;
    void target_says(std::string_view bytes, duration now) override;
    void target_left(duration now) override;
    void time_is_up(duration now) override;
    [[nodiscard]] std::optional<std::string> unspeakable(const envelope_path& path,
                                                         bool recipient) const override;

private:
    enum class state { apart, connecting, connected, pausing };

    void ask(duration now);
    void put_question(duration now);
    void try_again(duration now);
    void broken(const std::string& what, duration now);
    void answered(std::string_view what, duration now);

    state state_ = state::apart;
    policy::answer_reader reader_;
    bool asking_ = false;
    unsigned tries_ = 0;      // of the present question
    std::string refused_why_; // of the last try; empty: there was a connection
};

} // namespace cbv::engine
