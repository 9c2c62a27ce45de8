// What administers, as bytes: laid out by the protocol's message definitions, and answers of any
// bytes.
#include "kafka/wire/administration.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::kafka::wire {
namespace {

std::string hex(const Bytes& bytes) {
  std::string out;
  for (const std::byte byte : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    out += digits[std::to_integer<unsigned>(byte) >> 4U];
    out += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return out;
}

TEST_CASE("requests that administer are laid out as brokers read them") {
  const TopicPartition where{"ab", 3};
  CHECK(hex(encode_elect_leaders(Election::unclean, where, 5)) ==
        "01"
        "00000001"
        "0002"
        "6162"
        "00000001"
        "00000003"
        "00000005");
  CHECK(hex(encode_reassignment(where, std::vector{NodeId(2), NodeId(1)}, 5)) ==
        "00000005"
        "02"
        "036162"
        "02"
        "00000003"
        "03"
        "00000002"
        "00000001"
        "00"
        "00"
        "00");
  CHECK(hex(encode_reassignment(where, std::nullopt, 5)) ==
        "00000005"
        "02"
        "036162"
        "02"
        "00000003"
        "00"
        "00"
        "00"
        "00");
  CHECK(hex(encode_alter_configs(Configured::topic, "ab", {{"k", "v"}, {"l", std::nullopt}})) ==
        "00000001"
        "02"
        "00026162"
        "00000002"
        "00016b"
        "00"
        "000176"
        "00016c"
        "01"
        "ffff"
        "00");
  CHECK(hex(encode_create_partitions("ab", 9, 5)) ==
        "00000001"
        "00026162"
        "00000009"
        "ffffffff"
        "00000005"
        "00");
}

using Decoder = Result<Answer> (*)(BytesView);

void try_answer(const Bytes& whole, Decoder decode) {
  const auto answer = decode(whole);
  REQUIRE(answer);
  CHECK(answer->error == 84);
  CHECK(answer->words == "no");
  for (std::size_t left = 0; left < whole.size(); ++left) {
    const auto cut = decode(BytesView(whole).first(left));
    if (cut) CHECK(cut->error == 84);  // only what says nothing more may be missing
  }
}

TEST_CASE("answers tell the first error with its words, cut off or not") {
  Writer elect;
  elect.int32(0).int16(0).int32(1).string("ab").int32(2);
  elect.int32(0).int16(0).int16(-1).int32(1).int16(84).string("no");
  try_answer(elect.take(), decode_elect_leaders);
  Writer reassign;
  reassign.int32(0).int16(0).varint(0).varint(2).compact_string("ab").varint(2);
  reassign.int32(3).int16(84).compact_string("no").no_tags().no_tags().no_tags();
  try_answer(reassign.take(), decode_reassignment);
  Writer configs;
  configs.int32(0).int32(1).int16(84).string("no").int8(2).string("ab");
  try_answer(configs.take(), decode_alter_configs);
  Writer partitions;
  partitions.int32(0).int32(1).string("ab").int16(84).string("no");
  try_answer(partitions.take(), decode_create_partitions);
}

TEST_CASE("a broker tells which of its log dirs it has given up") {
  CHECK(hex(encode_describe_log_dirs()) == "00000000");
  Writer told;
  told.int32(0).int32(2).int16(56).string("/a");
  told.int32(1).string("ab").int32(1).int32(3).int64(5).int64(0).int8(0);
  told.int16(0).string("/b").int32(0);
  const Bytes whole = told.take();
  const auto dirs = decode_describe_log_dirs(whole);
  REQUIRE(dirs);
  CHECK(*dirs == std::vector<LogDir>{{"/a", 56}, {"/b", 0}});
  for (std::size_t left = 0; left < whole.size(); ++left)
    CHECK_FALSE(decode_describe_log_dirs(BytesView(whole).first(left)));
}

TEST_CASE("who coordinates is asked by name and kind") {
  CHECK(hex(encode_find_coordinator(Coordinated::transactional_id, "ab")) ==
        "00026162"
        "01");
  Writer found;
  found.int32(0).int16(0).int16(-1).int32(7).string("host").int32(9092);
  CHECK(*decode_find_coordinator(found.take()) == NodeId(7));
  Writer none;
  none.int32(0).int16(15).int16(-1).int32(-1).string("").int32(-1);
  CHECK_FALSE(decode_find_coordinator(none.take()));
  CHECK_FALSE(decode_find_coordinator({}));
}

}  // namespace
}  // namespace seatrial::kafka::wire
