// The requests about rights, field by field, and what their answers mean.
#include "kafka/acls.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::kafka {
namespace {

const Acl writes{.name = "orders", .principal = "User:alice", .operation = 4};
const Acl all_of_prefix{.name = "ord",
                        .pattern = Acl::Pattern::prefixed,
                        .principal = "User:alice",
                        .host = "10.0.0.1"};

TEST_CASE("an entry reads like a sentence") {
  CHECK(to_string(writes) == "allow User:alice to write on topic orders");
  CHECK(to_string(all_of_prefix) == "allow User:alice to do all on topic ord* from 10.0.0.1");
  Acl odd = writes;
  odd.operation = 99;
  odd.permission = Acl::Permission::deny;
  CHECK(to_string(odd) == "deny User:alice to do operation 99 on topic orders");
}

TEST_CASE("entries are given and taken away as the protocol has them") {
  const auto body = encode_create_acls({writes});
  CHECK(body == encode_delete_acls({writes}));
  wire::Cursor in(body);
  CHECK(in.array(1) == 1);
  CHECK(in.int8() == 2);
  CHECK(in.string() == "orders");
  CHECK(in.int8() == 3);
  CHECK(in.string() == "User:alice");
  CHECK(in.string() == "*");
  CHECK(in.int8() == 4);
  CHECK(in.int8() == 3);
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

TEST_CASE("what allows something on a topic is asked for, whoever it allows it") {
  const auto body = encode_describe_acls(Acl::Resource::topic, "orders");
  wire::Cursor in(body);
  CHECK(in.int8() == 2);
  CHECK(in.string() == "orders");
  CHECK(in.int8() == 2);  // also by a prefix, or `*`
  CHECK(in.int16() == -1);
  CHECK(in.int16() == -1);
  CHECK(in.int8() == 1);
  CHECK(in.int8() == 3);
  CHECK(in.left() == 0);
}

wire::Bytes told_acls(std::int16_t error, const std::vector<Acl>& acls) {
  wire::Writer out;
  out.int32(0).int16(error).string(error == 0 ? "" : "nobody asks");
  out.int32(static_cast<std::int32_t>(acls.size()));
  for (const Acl& acl : acls) {
    out.int8(static_cast<std::int8_t>(acl.resource)).string(acl.name);
    out.int8(static_cast<std::int8_t>(acl.pattern)).int32(1);
    out.string(acl.principal).string(acl.host).int8(acl.operation);
    out.int8(static_cast<std::int8_t>(acl.permission));
  }
  return out.take();
}

TEST_CASE("what brokers tell of rights is read in order, and refusals are told") {
  const auto answer = told_acls(0, {writes, all_of_prefix});
  const auto acls = decode_describe_acls(answer);
  REQUIRE(acls.has_value());
  CHECK(*acls == std::vector{all_of_prefix, writes});
  const auto refused = decode_describe_acls(told_acls(54, {}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(test::contains(refused.error().message, "SECURITY_DISABLED, nobody asks"));
  for (std::size_t size = 0; size < answer.size(); ++size)
    CHECK_FALSE(decode_describe_acls(wire::BytesView(answer).first(size)).has_value());
}

TEST_CASE("the first refusal of a change counts") {
  wire::Writer created;
  created.int32(0).int32(2).int16(0).string("").int16(42).string("no such thing");
  const auto answer = decode_create_acls(created.bytes());
  REQUIRE(answer.has_value());
  CHECK(answer->error == 42);
  CHECK(answer->words == "no such thing");
  wire::Writer deleted;
  deleted.int32(0).int32(1).int16(0).string("").int32(1).int16(31).string("not you");
  deleted.int8(2).string("orders").int8(3).string("User:alice").string("*").int8(4).int8(3);
  const auto taken_away = decode_delete_acls(deleted.bytes());
  REQUIRE(taken_away.has_value());
  CHECK(taken_away->error == 31);
  CHECK_FALSE(decode_create_acls({}).has_value());
  CHECK_FALSE(decode_delete_acls({}).has_value());
}

}  // namespace
}  // namespace seatrial::kafka
