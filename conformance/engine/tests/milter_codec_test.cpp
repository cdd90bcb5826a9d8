// The milter protocol's packets: what is written, what is read in any segmentation, what is
// refused.
#include "milter_codec.hpp"

#include <gtest/gtest.h>

namespace cbv::engine::milter {
namespace {

using status = packet_reader::status;
using namespace std::string_literals;

TEST(milter_codec, writes_packets) {
    EXPECT_EQ(encode(command::quit), "\0\0\0\1Q"s);
    EXPECT_EQ(encode(command::helo, "a\0"s), "\0\0\0\3Ha\0"s);
    std::string data;
    put_u32(data, 0x01020304);
    put_u16(data, 0xF00D);
    put_text(data, "x");
    EXPECT_EQ(data, "\1\2\3\4\xF0\x0Dx\0"s);
    std::string_view rest = data;
    EXPECT_EQ(take_u32(rest), 0x01020304U);
    rest.remove_prefix(2);
    EXPECT_EQ(take_text(rest), "x");
    EXPECT_FALSE(take_text(rest));
    EXPECT_FALSE(take_u32(rest));
}

TEST(milter_codec, reads_packets_in_any_segmentation) {
    const auto two = encode(answer::go_on) + encode(answer::reply_code, "550 x\0"s);
    for (std::size_t size = 1; size <= two.size(); ++size) {
        packet_reader reader;
        std::string seen;
        for (std::string_view all = two; !all.empty();) {
            auto piece = all.substr(0, size);
            all.remove_prefix(piece.size());
            while (!piece.empty())
                if (reader.feed(piece) == status::complete) {
                    const auto p = reader.take();
                    seen += p.code + p.data + ";";
                }
        }
        EXPECT_EQ(seen, "c;y550 x\0;"s) << size;
        EXPECT_FALSE(reader.in_progress());
    }
}

TEST(milter_codec, refuses_lengths_out_of_bounds) {
    for (const auto& octets : {"\0\0\0\0"s, "\0\2\0\1"s, "\xFF\xFF\xFF\xFF"s}) {
        packet_reader reader;
        std::string_view rest = octets;
        EXPECT_EQ(reader.feed(rest), status::malformed);
        std::string_view more = "\0\0\0\1c";
        EXPECT_EQ(reader.feed(more), status::malformed);
    }
    packet_reader largest;
    std::string wire;
    put_u32(wire, max_packet);
    wire += std::string(max_packet, 'b');
    std::string_view rest = wire;
    EXPECT_EQ(largest.feed(rest), status::complete);
    EXPECT_EQ(largest.take().data.size(), max_packet - 1);
}

TEST(milter_codec, names_commands_and_answers) {
    EXPECT_EQ(command_name(command::end_of_body), "BODYEOB");
    EXPECT_EQ(answer_name(answer::temporary_failure), "TEMPFAIL");
    EXPECT_EQ(command_name('?'), "?");
    EXPECT_EQ(answer_name('?'), "?");
}

TEST(milter_codec, reads_replies) {
    EXPECT_EQ(read_reply("550 5.1.1 no\0"s), "550 5.1.1 no");
    EXPECT_EQ(read_reply("450 100%% sure, 5% not"), "450 100% sure, 5 not");
    EXPECT_EQ(read_reply("550-a\r\n550 b\0"s), "550-a\r\n550 b");
    EXPECT_EQ(read_reply("421"), "421");
    for (const auto& none : {""s,
                             "55"s,
                             "250 ok"s,
                             "5x0 no"s,
                             "550no"s,
                             "550-a"s,
                             "550 a\r\n550 b"s,
                             "550-a\r\n551 b"s,
                             "550-a\r\n"s,
                             "550 a\nb"s,
                             "550 a\0b"s})
        EXPECT_FALSE(read_reply(none)) << none;
}

} // namespace
} // namespace cbv::engine::milter
