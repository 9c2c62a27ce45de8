// What the recipes of durability scenarios rest on that force the order of events, so that a value
// changed later does not quietly leave it to chance again.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/units.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;
using std::chrono::milliseconds;

namespace {

scenario::Plan recipe_of(const std::string& name) {
  std::ifstream in(std::filesystem::path(SEATRIAL_ROOT) / "scenarios/durability" / name);
  std::ostringstream text;
  text << in.rdbuf();
  auto asked = test::request(name, text.str());
  asked.names = {};  // properties are what they are: not checked here
  auto outcome = scenario::load(asked);
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  return *outcome.plan;
}

milliseconds property(const scenario::TrialPlan& trial, const std::string& name) {
  const auto properties = trial.workloads.front().options.properties("properties");
  INFO(name);
  REQUIRE(properties.contains(name));
  return milliseconds(parse_integer(properties.at(name)).value());
}

constexpr auto session = milliseconds(3000);  // of brokers with fast timeouts
constexpr auto isr_lag = milliseconds(2000);

}  // namespace

TEST_CASE("reordering: the pause alone holds what is in flight, and clients ask others who leads") {
  for (const auto& trial : recipe_of("reordering.yaml").trials) {
    const auto held = trial.timeline.front().heal_after.value();
    CHECK(held >= 4 * session);  // the election, and then the clients' next question
    CHECK(property(trial, "socket.timeout.ms") > held);
    CHECK(property(trial, "request.timeout.ms") > held);
    CHECK(property(trial, "topic.metadata.refresh.interval.ms") <= session);
    CHECK(property(trial, "max.in.flight.requests.per.connection").count() <= 5);
    CHECK(trial.topics.front().partitions >= trial.cluster.brokers);
    CHECK(trial.phases.measure > *trial.timeline.front().trigger.at + held);
  }
}

TEST_CASE("timeout-after-append: followers stand still for far longer than a request waits") {
  for (const auto& trial : recipe_of("timeout-after-append.yaml").trials) {
    for (const auto& fault : trial.timeline) {
      CHECK(fault.heal_after.value() >= 3 * property(trial, "request.timeout.ms"));
      CHECK(fault.heal_after.value() < isr_lag);
    }
  }
}

TEST_CASE("acks-zero, lagging-followers: followers stand still before the leader dies, and then") {
  for (const std::string name : {"acks-zero.yaml", "lagging-followers.yaml"}) {
    for (const auto& trial : recipe_of(name).trials) {
      INFO(name);
      REQUIRE(trial.timeline.size() == 2);
      const auto& pause = trial.timeline[0];
      const auto& kill = trial.timeline[1];
      CHECK(*kill.trigger.at - *pause.trigger.at >= milliseconds(500));
      CHECK(*pause.trigger.at + *pause.heal_after >= *kill.trigger.at + milliseconds(400));
      CHECK(pause.heal_after.value() < isr_lag);
    }
  }
}

TEST_CASE("commit-modes: two members are killed, while each has more to do than it gets done") {
  for (const auto& trial : recipe_of("commit-modes.yaml").trials) {
    REQUIRE(trial.timeline.size() == 2);
    CHECK(trial.timeline[0].target.member != trial.timeline[1].target.member);
    const auto& read = trial.workloads.at(1).options;
    const auto members = static_cast<double>(read.integer("members"));
    const auto rate = trial.workloads.front().options.rate("rate").per_second();
    CHECK(members / to_seconds(read.duration("handler")) < rate);
  }
}

TEST_CASE(
    "quorum-lost: the leader dies long before the controllers are back, and comes back after") {
  for (const auto& trial : recipe_of("quorum-lost.yaml").trials) {
    REQUIRE(trial.timeline.size() == 2);
    const auto& quorum = trial.timeline[0];
    const auto& kill = trial.timeline[1];
    const auto alone = *quorum.heal_after - kill.trigger.delay;  // without controllers and leader
    CHECK(alone > 2 * session);
    CHECK(*kill.heal_after > alone);
    CHECK(*quorum.heal_after - alone > session);  // how much longer than that there were none
    CHECK(trial.phases.measure > *quorum.trigger.at + kill.trigger.delay + *kill.heal_after);
  }
}

TEST_CASE("last-replica: followers are out of sync before the power fails, and back before it is") {
  for (const auto& trial : recipe_of("last-replica.yaml").trials) {
    REQUIRE(trial.timeline.size() == 2);
    const auto& pause = trial.timeline[0];
    const auto& dark = trial.timeline[1];
    CHECK(*pause.heal_after > 2 * session + dark.trigger.delay);
    CHECK(*pause.heal_after <= *dark.heal_after);
    CHECK(trial.phases.measure > *pause.trigger.at + *pause.heal_after + *dark.heal_after);
  }
}

TEST_CASE("late-commit: what is held comes when the client has asked again and goes on") {
  for (const auto& trial : recipe_of("late-commit.yaml").trials) {
    const auto late = trial.timeline.at(0).options.duration("by");
    const auto timeout = property(trial, "socket.timeout.ms");
    const auto open = trial.workloads.front().options.duration("hang_for");
    // In time; or when it is the second that is open, and far from any commit, which come in a
    // rhythm of a second.
    const bool second = late >= timeout + open && late <= timeout + 3 * open;
    CHECK((second || late < timeout / 2));
    if (second) CHECK(late % seconds(1) == milliseconds(500));
    CHECK(trial.timeline.at(0).options.integer("nth") > 4);
  }
}
