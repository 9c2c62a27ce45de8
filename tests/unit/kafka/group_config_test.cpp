// The requests that set and read a group's configuration, byte by byte, and what their answers
// mean.
#include "kafka/group_config.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::kafka {
namespace {

const GroupConfig earliest{{"share.auto.offset.reset", "earliest"}};

TEST_CASE("a group's configuration is set as the protocol has it") {
  const auto body = encode_alter_group("work", earliest);
  wire::Cursor in(body);
  CHECK(in.array(1) == 1);
  CHECK(in.int8() == 32);  // a group
  CHECK(in.string() == "work");
  CHECK(in.array(1) == 1);
  CHECK(in.string() == "share.auto.offset.reset");
  CHECK(in.int8() == 0);  // to set
  CHECK(in.string() == "earliest");
  CHECK_FALSE(in.boolean());  // not only validated
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

wire::Bytes altered(std::int16_t error, std::string_view text) {
  wire::Writer out;
  out.int32(0).int32(1).int16(error).string(text).int8(32).string("work");
  return out.take();
}

TEST_CASE("a refusal of a group's configuration is told in the broker's words") {
  CHECK(decode_alter_group(altered(0, "")).has_value());
  const auto refused = decode_alter_group(altered(40, "must be at least 15000"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message ==
        "IncrementalAlterConfigs: INVALID_CONFIG: must be at least 15000");
  auto cut = altered(0, "");
  cut.resize(6);
  CHECK_FALSE(decode_alter_group(cut).has_value());
}

wire::Bytes described(std::int16_t error) {
  wire::Writer out;
  out.int32(0).int32(1).int16(error).string("").int8(32).string("work");
  out.int32(error == 0 ? 2 : 0);
  if (error != 0) return out.take();
  out.string("share.auto.offset.reset").string("earliest").int8(0).int8(8).int8(0);
  out.int32(1).string("share.auto.offset.reset").string("latest").int8(5);
  out.string("share.record.lock.duration.ms").string("2000").int8(0).int8(8).int8(0).int32(0);
  return out.take();
}

TEST_CASE("a group's configuration is read with its synonyms passed over") {
  const auto question = encode_describe_group_config("work");
  wire::Cursor in(question);
  CHECK(in.array(1) == 1);
  CHECK(in.int8() == 32);
  CHECK(in.string() == "work");
  CHECK(in.int32() == -1);    // every name
  CHECK_FALSE(in.boolean());  // no synonyms
  CHECK(in.ok());
  CHECK(in.left() == 0);

  const auto found = decode_describe_group_config(described(0));
  REQUIRE(found.has_value());
  CHECK(*found == GroupConfig{{"share.auto.offset.reset", "earliest"},
                              {"share.record.lock.duration.ms", "2000"}});
  CHECK_FALSE(decode_describe_group_config(described(29)).has_value());
  auto cut = described(0);
  cut.resize(cut.size() - 3);
  CHECK_FALSE(decode_describe_group_config(cut).has_value());
}

TEST_CASE("a configuration that nobody can be asked for is an error and no wait") {
  const auto done = configure_group("", "work", earliest, now());
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message.find("'work' cannot be set") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::kafka
