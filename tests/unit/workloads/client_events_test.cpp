// What a client's answers mean for its lane: which end it, and with which place in the scenario.
#include "workloads/client_events.hpp"

#include "core/check.hpp"
#include "core/setting_refused.hpp"
#include "support/catch.hpp"

namespace seatrial::workloads {
namespace {

TEST_CASE("a value that brokers refuse is told with its property, the first one only") {
  ClientEvents events;
  events.answered(RD_KAFKA_RESP_ERR__TRANSPORT, "no connection");
  CHECK_NOTHROW(events.require_accepted("read"));
  events.answered(RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, "JoinGroup failed");
  events.answered(RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, "");
  try {
    events.require_accepted("read");
    FAIL("it was accepted");
  } catch (const SettingRefused& refused) {
    CHECK(refused.keys ==
          std::vector<std::string>{"workloads", "read", "properties", "session.timeout.ms"});
    CHECK(refused.why == "session.timeout.ms: INVALID_SESSION_TIMEOUT, JoinGroup failed");
  }
}

TEST_CASE("properties that a library has no name of the refusal for are told, too") {
  ClientEvents events;
  events.answered(112, "");
  CHECK_THROWS_AS(events.require_accepted("read"), SettingRefused);
}

TEST_CASE("a property that an option sets is told at the option") {
  ClientEvents events;
  events.answered(RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, "");
  try {
    events.require_accepted("read", {{"session.timeout.ms", "session"}});
    FAIL("it was accepted");
  } catch (const SettingRefused& refused) {
    CHECK(refused.keys == std::vector<std::string>{"workloads", "read", "session"});
  }
}

}  // namespace
}  // namespace seatrial::workloads
