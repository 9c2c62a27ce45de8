// Share consumers in a library that has none: told at once, with the version that is needed.
#include "kafka/share_consumer.hpp"

#include <set>
#include <string>

#include "support/catch.hpp"

namespace seatrial::kafka {
namespace {

int something = 0;

TEST_CASE("functions of share consumers are found all or not at all") {
  std::set<std::string> asked;
  const auto all = find_share_functions(
      [&](const char* name) -> void* {
        asked.insert(name);
        return &something;
      },
      "9.9.9");
  REQUIRE(all.has_value());
  CHECK(all->make != nullptr);
  CHECK(all->acknowledged_offsets != nullptr);
  CHECK(asked.contains("rd_kafka_share_poll"));
  // Without any one of them, whichever it is.
  for (const auto& gone : asked) {
    const auto some = find_share_functions(
        [&](const char* name) -> void* { return name == gone ? nullptr : &something; }, "2.0.2");
    REQUIRE_FALSE(some.has_value());
    CHECK(some.error().message ==
          "share groups (KIP-932) need librdkafka 2.15.0 or newer; the one loaded is 2.0.2, which "
          "has no " +
              gone);
    CHECK(some.error().hint == "use client_library: 2.16.0");
  }
}

}  // namespace
}  // namespace seatrial::kafka
