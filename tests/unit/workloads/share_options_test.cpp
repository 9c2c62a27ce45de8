// What a scenario may say of a share group, what brokers are told of it, and its refusal where the
// library has no share consumers.
#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "kafka/config.hpp"
#include "kafka/share_consumer.hpp"
#include "support/catch.hpp"
#include "workloads/share_lane.hpp"

using namespace seatrial;

namespace {

using Raw = std::map<std::string, RawOption>;

RawOption share_value(const char* text) { return {.text = text, .entries = {}, .is_map = false}; }

Options checked(Raw raw, std::vector<OptionProblem>& problems) {
  raw.emplace("topic", share_value("orders"));
  return Options::check(Registry<Workload>::instance().find("share")->options, raw, problems);
}

std::unique_ptr<Workload> make(Raw raw) {
  std::vector<OptionProblem> problems;
  const auto options = checked(std::move(raw), problems);
  for (const auto& problem : problems) FAIL(problem.message);
  return Registry<Workload>::instance().find("share")->make(options);
}

std::string problem(Raw raw) {
  std::vector<OptionProblem> problems;
  static_cast<void>(checked(std::move(raw), problems));
  return problems.empty() ? "" : problems.front().message;
}

}  // namespace

TEST_CASE("members of a share group are lanes that are processes") {
  const auto share = make({{"members", share_value("4")}});
  CHECK(share->traits().has_members);
  CHECK(share->traits().shares);
  CHECK_FALSE(share->traits().produces);
  CHECK(share->traits().lanes == 4);
  CHECK_FALSE(share->traits().at_most_once);
}

TEST_CASE("a share group is waited for longer than its locks and sessions last") {
  CHECK(make({})->traits().quiet_time == seconds(8));
  CHECK(make({{"lock", share_value("30s")}})->traits().quiet_time == seconds(32));
  CHECK(make({{"lock", share_value("1s")}, {"session", share_value("3s")}})->traits().quiet_time ==
        seconds(5));
}

TEST_CASE("options of a share group have limits that brokers have") {
  CHECK_FALSE(problem({{"lock", share_value("500ms")}}).empty());
  CHECK_FALSE(problem({{"lock", share_value("61s")}}).empty());
  CHECK_FALSE(problem({{"session", share_value("1s")}}).empty());
  CHECK_FALSE(problem({{"members", share_value("0")}}).empty());
  CHECK_FALSE(problem({{"batch", share_value("0")}}).empty());
  CHECK_FALSE(problem({{"acknowledge", share_value("never")}}).empty());
  const RawOption isolation{
      .text = {}, .entries = {{"isolation.level", "read_committed"}}, .is_map = true};
  CHECK(problem({{"properties", isolation}}).find("a share group's is its own") !=
        std::string::npos);
}

TEST_CASE("what brokers keep for a share group follows from its options") {
  const workloads::ShareSettings settings{
      .group = "work", .explicitly = true, .batch = 7, .lock = seconds(3), .session = seconds(9)};
  CHECK(workloads::share_group_config(settings) ==
        std::map<std::string, std::string>{{"share.auto.offset.reset", "earliest"},
                                           {"share.heartbeat.interval.ms", "3000"},
                                           {"share.record.lock.duration.ms", "3000"},
                                           {"share.session.timeout.ms", "9000"}});
  CHECK(workloads::share_properties(settings, {{"client.id", "me"}}) ==
        std::map<std::string, std::string>{{"client.id", "me"},
                                           {"group.id", "work"},
                                           {"max.poll.records", "7"},
                                           {"share.acknowledgement.mode", "explicit"}});
}

TEST_CASE("a library without share consumers is refused with its version") {
  if (!kafka::share_consumers_missing()) return;  // this system's has them
  try {
    make({})->client_properties();
    FAIL("no refusal");
  } catch (const UsageError& error) {
    const std::string said = error.what();
    CHECK(said.find("librdkafka 2.15.0 or newer") != std::string::npos);
    CHECK(said.find("the one loaded is " + kafka::library_version()) != std::string::npos);
    CHECK(said.find("client_library: 2.16.0") != std::string::npos);
  }
}
