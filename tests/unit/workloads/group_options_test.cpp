// What a scenario may say of a group: who joins and leaves when, how it commits, who assigns.
#include <algorithm>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "kafka/config.hpp"
#include "support/catch.hpp"

using namespace seatrial;

namespace {

using Raw = std::map<std::string, RawOption>;

RawOption value(const char* text) { return {.text = text, .entries = {}, .is_map = false}; }
RawOption map(std::map<std::string, std::string> entries) {
  return {.text = {}, .entries = std::move(entries), .is_map = true};
}

Options checked(Raw raw, std::vector<OptionProblem>& problems) {
  raw.emplace("topic", value("orders"));
  return Options::check(Registry<Workload>::instance().find("group")->options, raw, problems);
}

std::unique_ptr<Workload> make(Raw raw) {
  std::vector<OptionProblem> problems;
  const auto options = checked(std::move(raw), problems);
  for (const auto& problem : problems) FAIL(problem.message);
  return Registry<Workload>::instance().find("group")->make(options);
}

std::string problem(Raw raw) {
  std::vector<OptionProblem> problems;
  static_cast<void>(checked(std::move(raw), problems));
  return problems.empty() ? "" : problems.front().message;
}

std::string refusal(Raw raw) {
  try {
    make(std::move(raw));
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("members are lanes that are processes") {
  const auto group = make({{"members", value("4")}});
  CHECK(group->traits().has_members);
  CHECK_FALSE(group->traits().produces);
  CHECK(group->traits().lanes == 4);
  CHECK_FALSE(make({})->member_span(0).joins);
}

TEST_CASE("members join and leave by plan") {
  const auto group = make({{"join", map({{"3", "10s"}})}, {"leave", map({{"1", "20s"}})}});
  CHECK_FALSE(group->member_span(0).joins);
  CHECK(group->member_span(0).leaves == seconds(20));
  CHECK(group->member_span(2).joins == seconds(10));
  CHECK_FALSE(group->member_span(2).leaves);

  CHECK(refusal({{"join", map({{"4", "10s"}})}}) == "join: there is no member 4: they are 1 to 3");
  CHECK(refusal({{"join", map({{"2", "10s"}})}, {"leave", map({{"2", "5s"}})}}) ==
        "leave: member 2 leaves before it joins");
  CHECK(refusal({{"members", value("1")}, {"join", map({{"1", "1s"}})}}) ==
        "join: at least one member must be there from the beginning");
  CHECK(problem({{"join", map({{"0", "10s"}})}}).find("count from 1") != std::string::npos);
  CHECK(problem({{"join", map({{"x", "10s"}})}}).find("'x'") != std::string::npos);
  CHECK_FALSE(problem({{"leave", map({{"1", "soon"}})}}).empty());
  CHECK_FALSE(problem({{"members", value("0")}}).empty());
  CHECK_FALSE(problem({{"session", value("10ms")}}).empty());
  CHECK_FALSE(problem({{"batch", value("0")}}).empty());
}

TEST_CASE("the client runs with what the options say") {
  auto config =
      make({{"assignment", value("cooperative")}, {"session", value("2s")}})->client_properties();
  CHECK(config.at("partition.assignment.strategy") == "cooperative-sticky");
  CHECK(config.at("session.timeout.ms") == "2000");
  CHECK(config.at("heartbeat.interval.ms") == "666");
  CHECK(config.at("enable.auto.commit") == "true");
  CHECK(config.at("enable.auto.offset.store") == "true");
  config = make({{"commit", value("before")}})->client_properties();
  CHECK(config.at("partition.assignment.strategy") == "range,roundrobin");
  CHECK(config.at("enable.auto.commit") == "false");
  config = make({{"commit", value("after")}})->client_properties();
  CHECK(config.at("enable.auto.commit") == "true");
  CHECK(config.at("enable.auto.offset.store") == "false");
  CHECK(problem({{"properties", map({{"session.timeout.ms", "9000"}})}}).find("`session`") !=
        std::string::npos);
}

TEST_CASE("a protocol that the library cannot speak is refused with the version that can") {
  const auto& known = kafka::known_client_properties();
  // Asked of the client, not at once: its options may be meant for another library.
  CHECK(refusal({{"assignment", value("consumer")}}).empty());
  std::string said;
  try {
    (void)make({{"assignment", value("consumer")}})->client_properties();
  } catch (const UsageError& error) {
    said = error.what();
  }
  if (std::find(known.begin(), known.end(), "group.protocol") != known.end()) {
    CHECK(said.empty());
  } else {
    CHECK(said.find("needs librdkafka 2.12.0 or newer") != std::string::npos);
    CHECK(said.find("the one loaded is " + kafka::library_version()) != std::string::npos);
  }
}
