// Values of properties, by their definitions.
#include "core/property.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using Type = PropertyDefinition::Type;

namespace {

std::string read(const PropertyDefinition& definition, std::string_view value) {
  const auto out = read_property(definition, value);
  return out ? *out : "! " + out.error().message;
}

PropertyDefinition whole(std::string name, double least = 0, double most = 2147483647) {
  return {.name = std::move(name), .type = Type::integer, .least = least, .most = most};
}

}  // namespace

TEST_CASE("a unit that a property can take is converted, and no other") {
  CHECK(read(whole("message.timeout.ms"), "30000") == "30000");
  CHECK(read(whole("message.timeout.ms"), "30s") == "30000");
  CHECK(read(whole("message.timeout.ms"), "1.5s") == "1500");
  CHECK(read(whole("log.retention.hours"), "7d") == "168");
  CHECK(read(whole("offsets.retention.minutes"), "1h") == "60");
  CHECK(read(whole("queue.buffering.max.messages"), "1e6") == "1000000");
  CHECK(read(whole("queue.buffering.max.kbytes"), "1GiB") == "1048576");
  CHECK(read(whole("batch.size"), "64KiB") == "65536");
  CHECK(read(whole("segment.bytes"), "1MB") == "1000000");
  CHECK(read(whole("retention.ms", -1), "-1") == "-1");
  CHECK(read(whole("retention.ms", -1), "010") == "10");
  CHECK(read({.name = "linger.ms", .type = Type::number, .least = 0, .most = 900000}, "500us") ==
        "0.5");

  CHECK(read(whole("retention.ms"), "forever") ==
        "! 'retention.ms': 'forever' is not a whole number of milliseconds, or a duration as in "
        "30s");
  CHECK(read(whole("retention.ms"), "500us").starts_with("! 'retention.ms': '500us' is no whole"));
  CHECK(read(whole("batch.num.messages"), "30s") ==
        "! 'batch.num.messages': '30s' is not a whole number");
  CHECK(read(whole("batch.size"), "30s").starts_with("! "));
  CHECK(read(whole("group.max.size"), "1KiB").starts_with("! "));  // members, not bytes
  for (const char* text : {"", "0x10", "1_000", "nan", "inf", "5 5", "30 s s"}) {
    INFO(text);
    CHECK(read(whole("message.timeout.ms"), text).starts_with("! "));
  }
}

TEST_CASE("a number lies within its range, also after it was converted") {
  CHECK(read(whole("linger.ms", 0, 900000), "900001") ==
        "! 'linger.ms': must be between 0 and 900000, not 900001");
  CHECK(read(whole("linger.ms", 0, 900000), "1h").starts_with("! "));
  CHECK(read(whole("x", 1), "4294967297").starts_with("! "));
  CHECK(read({.name = "x", .type = Type::integer, .least = 1}, "0") ==
        "! 'x': must be at least 1, not 0");
}

TEST_CASE("choices, lists and booleans") {
  const PropertyDefinition policy{
      .name = "cleanup.policy", .type = Type::list, .choices = {"compact", "delete"}};
  CHECK(read(policy, "compact, delete") == "compact, delete");
  CHECK(read(policy, "compact,remove") ==
        "! 'cleanup.policy': 'remove' is none of compact, delete");
  const PropertyDefinition type{.name = "compression.type", .choices = {"lz4", "zstd"}};
  CHECK(read(type, "zstd") == "zstd");
  CHECK(read(type, "ZSTD").starts_with("! "));
  const PropertyDefinition loose{.name = "x", .choices = {"UP", "DOWN"}, .any_case = true};
  CHECK(read(loose, "up") == "up");
  const PropertyDefinition flag{.name = "preallocate", .type = Type::boolean};
  CHECK(read(flag, "True") == "true");
  CHECK(read(flag, "yes") == "! 'preallocate': 'yes' is neither true nor false");
  CHECK(read({.name = "x"}, "anything at all") == "anything at all");
}
