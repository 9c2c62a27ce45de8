// The request that changes quotas, byte by byte, and what its answers mean.
#include "kafka/quotas.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::kafka {
namespace {

TEST_CASE("quotas are asked for as the protocol has it") {
  const auto body = encode_alter_quotas({{"producer_byte_rate", 1.5}}, QuotaChange::set);
  wire::Cursor in(body);
  CHECK(in.array(1) == 1);  // entries
  CHECK(in.array(1) == 1);  // parts of the entity
  CHECK(in.string() == "client-id");
  CHECK(in.int16() == -1);  // the default: no name
  CHECK(in.array(1) == 1);
  CHECK(in.string() == "producer_byte_rate");
  CHECK(in.int64() == 0x3ff8'0000'0000'0000);  // 1.5 in binary64
  CHECK_FALSE(in.boolean());                   // not to be removed
  CHECK_FALSE(in.boolean());                   // not only validated
  CHECK(in.ok());
  CHECK(in.left() == 0);
  const auto lifted = encode_alter_quotas({{"producer_byte_rate", 1.5}}, QuotaChange::lift);
  CHECK(lifted.at(lifted.size() - 2) == std::byte{1});
}

wire::Bytes quota_answer(std::int16_t error, std::string_view text) {
  wire::Writer out;
  out.int32(0).int32(1).int16(error).string(text);
  out.int32(1).string("client-id").int16(-1);
  return out.take();
}

TEST_CASE("a refusal of quotas is told in the broker's words") {
  CHECK(decode_alter_quotas(quota_answer(0, "")).has_value());
  const auto refused = decode_alter_quotas(quota_answer(42, "no such quota"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("no such quota") != std::string::npos);
  auto cut = quota_answer(0, "");
  cut.resize(5);
  CHECK_FALSE(decode_alter_quotas(cut).has_value());
}

}  // namespace
}  // namespace seatrial::kafka
