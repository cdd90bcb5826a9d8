// The limits of the draft's limit table on what is read and written: replies of called hosts,
// paths, replies to the client. Where the library has no constant, what it does decides.
#include "cbv/dialogue.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/reply_policy.hpp"
#include "limits.hpp"

namespace {

using namespace cbv_test;
using cbv::reply_parser;
using status = reply_parser::status;

std::optional<std::string> problem_of(const cbv::reply_limits& limits) {
    cbv::dialogue_options options;
    options.limits = limits;
    return options.problem();
}

status read(std::string_view octets, const cbv::reply_limits& limits = {}) {
    reply_parser parser(limits);
    return parser.feed(octets);
}

// One reply line of so many octets, CR LF included.
std::string line_of(std::size_t octets) {
    return "250 " + std::string(octets - 6, 'x') + "\r\n";
}

// The library bounds whole replies only: a line may fill one. Of the bounds that it takes, the
// least is what a line can have under every setting.
void reply_line(const limit_row& row) {
    ASSERT_GE(row.by_default(), 6U) << row.describe() << "\n  no reply is so short";
    expect_at_least(row, [](unsigned octets) { return problem_of({1, octets}); });
    const cbv::reply_limits least{1, row.bound_after("at least ")};
    EXPECT_EQ(read(line_of(row.by_default()), least), status::complete) << row.describe();
    EXPECT_EQ(read(line_of(row.by_default() + 1), least), status::malformed) << row.describe();
    EXPECT_EQ(read(line_of(row.by_default())), status::complete) << row.describe();
}

void reply_lines(const limit_row& row) {
    row.expect_default(static_cast<unsigned>(cbv::reply_limits{}.max_lines));
    row.expect_no_bound();
    EXPECT_FALSE(problem_of({1, 65536})) << row.describe();
    EXPECT_FALSE(problem_of({1'000'000, 65536})) << row.describe();
    const auto lines = [](unsigned count) {
        std::string all;
        for (unsigned i = 1; i < count; ++i)
            all += "250-x\r\n";
        return all + "250 x\r\n";
    };
    EXPECT_EQ(read(lines(row.by_default())), status::complete) << row.describe();
    EXPECT_EQ(read(lines(row.by_default() + 1)), status::malformed) << row.describe();
    row.expect_sentence(std::to_string(row.by_default()) + " lines");
    row.expect_requirement(problem_of({0, 65536}).value_or(""));
}

void reply_octets(const limit_row& row) {
    row.expect_default(static_cast<unsigned>(cbv::reply_limits{}.max_octets));
    row.expect_no_bound();
    EXPECT_FALSE(problem_of({100, 100'000'000})) << row.describe();
    EXPECT_EQ(read(line_of(row.by_default())), status::complete) << row.describe();
    EXPECT_EQ(read(line_of(row.by_default() + 1)), status::malformed) << row.describe();
    row.expect_sentence(std::to_string(row.by_default() / 1024) + " kibibytes");
    row.expect_requirement(problem_of({100, 0}).value_or(""));
}

bool too_long(const std::string& mailbox) {
    const auto box = cbv::parse_mailbox(mailbox);
    return !box && box.error().fault == cbv::path_fault::too_long;
}

// Labels of at most 63 octets, this many octets in all.
std::string domain_of(std::size_t octets) {
    std::string domain;
    while (octets > 63) {
        const std::size_t label =
            std::min<std::size_t>(63, octets - 2); // a dot and one more follow
        domain += std::string(label, 'd') + '.';
        octets -= label + 1;
    }
    return domain + std::string(octets, 'd');
}

void path_part(const limit_row& row, std::size_t library) {
    row.expect_default(static_cast<unsigned>(library));
    row.expect_no_bound();
    row.expect_sentence("longer than " + std::to_string(row.by_default()) + " octets");
}

void local_part(const limit_row& row) {
    path_part(row, cbv::max_local_part);
    EXPECT_FALSE(too_long(std::string(row.by_default(), 'u') + "@d.example")) << row.describe();
    EXPECT_TRUE(too_long(std::string(row.by_default() + 1, 'u') + "@d.example")) << row.describe();
}

// No path can hold a domain of this length; a name alone can have it.
void domain(const limit_row& row) {
    path_part(row, cbv::max_domain);
    EXPECT_TRUE(cbv::is_domain(domain_of(row.by_default()))) << row.describe();
    EXPECT_FALSE(cbv::is_domain(domain_of(row.by_default() + 1))) << row.describe();
}

// The angle brackets count (RFC 5321 section 4.5.3.1.3).
void path(const limit_row& row) {
    path_part(row, cbv::max_path);
    const auto mailbox = [](std::size_t octets) { return "u@" + domain_of(octets - 4); };
    EXPECT_TRUE(cbv::parse_mailbox(mailbox(row.by_default()))) << row.describe();
    EXPECT_TRUE(too_long(mailbox(row.by_default() + 1))) << row.describe();
}

void client_reply_line(const limit_row& row) {
    row.expect_default(static_cast<unsigned>(cbv::max_reply_line));
    EXPECT_EQ(row.by_default(), row.bound_after("at most ")) << row.describe();
    for (const char octet : {'x', '\n'}) { // as it is, and escaped
        const std::string wire = cbv::serialize({550, {std::string(2000, octet)}});
        EXPECT_LE(wire.size(), row.bound_after("at most ")) << row.describe();
    }
    EXPECT_EQ(cbv::serialize({550, {std::string(2000, 'x')}}).size(), row.by_default())
        << row.describe();
    row.expect_sentence("at most " + std::to_string(row.by_default()) + " octets");
}

} // namespace

const cbv_test::limit_checks& cbv_test::limits_of_text() {
    static const limit_checks all{
        {"octets in a reply line", reply_line},
        {"lines in a reply", reply_lines},
        {"octets in a reply", reply_octets},
        {"octets in a local-part", local_part},
        {"octets in a domain", domain},
        {"octets in a path", path},
        {"octets in a reply line to the client", client_reply_line},
    };
    return all;
}

TEST(draft_limit_table, text) {
    check_limits(limits_of_text());
}
