// The MTA in front of a milter: one connection a session, every stage is told and its answer turned
// into the SMTP reply that MTAs give. Modifications are noted and done to nothing. One packet a
// time is answered: the milter's parallel work is not asked for.
#pragma once

#include "milter_codec.hpp"
#include "milter_events.hpp"
#include "milter_macros.hpp"
#include "mta_front.hpp"

#include <deque>
#include <map>

namespace cbv::engine {

class milter_front : public mta_front {
public:
    explicit milter_front(front_session session);

protected:
    void client_connected(duration now) override;
    void client_greets(duration now) override;
    void client_gives_mail(duration now) override;
    void client_gives_recipient(duration now) override;
    void client_asks_for_data(duration now) override;
    void client_gives_message(std::string message, duration now) override;
    void client_resets(duration now) override;
    void client_leaves(duration now) override;
    void target_connected(duration now) override;
    void target_refused(const std::string& why, duration now) override;
    void target_says(std::string_view bytes, duration now) override;
    void target_left(duration now) override;
    [[nodiscard]] std::optional<std::string> unspeakable(const envelope_path& path,
                                                         bool recipient) const override;

private:
    enum class state { connecting, negotiating, ready, over };

    void run_queue(duration now);
    void negotiated(std::string_view data, duration now);
    void answered(const milter::packet& p, duration now);
    void decide(const milter::packet& p, duration now);
    void refuse(std::string reply, duration now);
    void finish_session(std::optional<std::string> refusal);
    void broken(const std::string& what, duration now);
    void lost(duration now);
    void say(char code, std::string_view data);
    [[nodiscard]] std::map<std::string, std::string> macros() const;
    [[nodiscard]] bool connection_stage() const noexcept;

    state state_ = state::connecting;
    milter::packet_reader reader_;
    std::uint32_t version_ = 0;
    std::uint32_t protocol_ = 0;
    milter::macro_lists macro_lists_;
    std::deque<milter::event> queue_;
    char awaited_ = '\0';               // the command whose answer is due
    char skipped_ = '\0';               // the command the milter wants no more of
    bool in_transaction_ = false;       // the milter heard of a MAIL and of no end
    bool message_decided_ = false;      // ACCEPT or DISCARD: no more of this message
    std::optional<std::string> always_; // the reply to everything from now on
};

} // namespace cbv::engine
