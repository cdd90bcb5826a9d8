// Lists of macros; see the header. The usual ones are Postfix's and Sendmail's together.
#include "milter_macros.hpp"

#include "milter_codec.hpp"

#include <algorithm>
#include <iterator>

namespace cbv::engine::milter {
namespace {

/// The stages of SMFIR_SETSYMLIST by number: SMFIM_CONNECT ... SMFIM_EOH.
constexpr char macro_stages[] = {command::connect,
                                 command::helo,
                                 command::mail,
                                 command::recipient,
                                 command::data,
                                 command::end_of_body,
                                 command::end_of_headers};

/// What MTAs send at a stage where the milter does not ask for other macros.
const std::vector<std::string>& usual_macros(char stage) {
    static const std::map<char, std::vector<std::string>> table{
        {command::connect,
         {"j",
          "{daemon_name}",
          "{daemon_addr}",
          "v",
          "_",
          "{client_addr}",
          "{client_name}",
          "{client_port}",
          "{client_ptr}"}},
        {command::mail, {"i", "{mail_addr}", "{mail_host}", "{mail_mailer}"}},
        {command::recipient, {"i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"}},
        {command::data, {"i"}},
        {command::end_of_headers, {"i"}},
        {command::end_of_body, {"i"}},
    };
    static const std::vector<std::string> none;
    const auto found = table.find(stage);
    return found == table.end() ? none : found->second;
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const auto length = std::min(text.find_first_of(" ,"), text.size());
        if (length > 0)
            names.emplace_back(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return names;
}

} // namespace

bool macro_lists::read(std::string_view data) {
    while (!data.empty()) {
        const auto stage = take_u32(data);
        const auto names = take_text(data);
        if (!stage || !names)
            return false;
        if (*stage < std::size(macro_stages)) // a later protocol may have more
            asked_[macro_stages[*stage]] = split_names(*names);
    }
    return true;
}

std::string macro_lists::packet(char command,
                                const std::map<std::string, std::string>& values) const {
    const auto asked = asked_.find(command);
    const auto& names = asked == asked_.end() ? usual_macros(command) : asked->second;
    std::string data{command};
    for (const auto& name : names) {
        const auto value = values.find(name);
        if (value == values.end())
            continue;
        put_text(data, name);
        put_text(data, value->second);
    }
    return data.size() > 1 ? data : std::string{};
}

} // namespace cbv::engine::milter
