// The requests about SCRAM credentials, field by field, and what their answers mean.
#include "kafka/credentials.hpp"

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/scram.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::kafka {
namespace {

using enum Credential::Mechanism;
const std::vector<Credential> both{{sha256, 4096}, {sha512, 8192}};

TEST_CASE("a credential is told by mechanism and rounds, never by its keys") {
  CHECK(to_string(both[0]) == "SCRAM-SHA-256, 4096 rounds");
  CHECK(to_string(both[1]) == "SCRAM-SHA-512, 8192 rounds");
}

TEST_CASE("credentials are taken away by user and mechanism") {
  const auto body = encode_remove_credentials("alice", both);
  wire::Cursor in(body);
  CHECK(in.compact_array(1) == 2);
  for (const int mechanism : {1, 2}) {
    CHECK(in.compact_string() == "alice");
    CHECK(in.int8() == mechanism);
    in.skip_tags();
  }
  CHECK(in.compact_array(1) == 0);  // none is put
  in.skip_tags();
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

TEST_CASE("credentials are put with their salt and what it makes of the password") {
  const auto body = encode_put_credentials("alice", {{both[1], "salt", "salted"}});
  wire::Cursor in(body);
  CHECK(in.compact_array(1) == 0);
  CHECK(in.compact_array(1) == 1);
  CHECK(in.compact_string() == "alice");
  CHECK(in.int8() == 2);
  CHECK(in.int32() == 8192);
  CHECK(in.compact_string() == "salt");
  CHECK(in.compact_string() == "salted");
  in.skip_tags();
  in.skip_tags();
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

// PBKDF2-HMAC-SHA-256 of RFC 7914, section 11.
TEST_CASE("a salted password is PBKDF2's") {
  const auto key = wire::salted_password("SHA256", "passwd", "salt", 1);
  CHECK(key.size() == 32);
  CHECK(key.substr(0, 4) == "\x55\xac\x04\x6e");
}

wire::Bytes told_credentials(std::int16_t error, const std::vector<Credential>& credentials) {
  wire::Writer out;
  out.int32(0).int16(0).compact_string("").varint(2);
  out.compact_string("alice").int16(error).compact_string(error == 0 ? "" : "not here");
  out.varint(credentials.size() + 1);
  for (const auto& one : credentials)
    out.int8(static_cast<std::int8_t>(one.mechanism)).int32(one.rounds).no_tags();
  return out.no_tags().no_tags().take();
}

TEST_CASE("who has no credentials is no error, and refusals are told") {
  const auto answer = told_credentials(0, {both[1], both[0]});
  const auto credentials = decode_describe_credentials(answer);
  REQUIRE(credentials.has_value());
  CHECK(*credentials == both);
  const auto none = decode_describe_credentials(told_credentials(91, {}));
  REQUIRE(none.has_value());
  CHECK(none->empty());
  const auto refused = decode_describe_credentials(told_credentials(31, {}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(test::contains(refused.error().message, "not here"));
  CHECK_FALSE(decode_describe_credentials(wire::BytesView(answer).first(12)).has_value());
}

TEST_CASE("the first refusal of a change of credentials counts") {
  wire::Writer out;
  out.int32(0).varint(2).compact_string("alice").int16(58).compact_string("too few rounds");
  out.no_tags().no_tags();
  const auto answer = decode_alter_credentials(out.bytes());
  REQUIRE(answer.has_value());
  CHECK(answer->error == 58);
  CHECK(answer->words == "too few rounds");
  CHECK_FALSE(decode_alter_credentials({}).has_value());
}

}  // namespace
}  // namespace seatrial::kafka
