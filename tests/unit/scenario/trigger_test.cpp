// When faults strike: what may be written, what comes of it, and what is refused with which word.
#include "scenario/trigger.hpp"

#include <algorithm>
#include <set>

#include "core/fault.hpp"
#include "core/registry.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/tables.hpp"
#include "scenario/timeline_text.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

namespace seatrial::scenario {
namespace {

const std::string trigger_base = R"(name: triggers
cluster: {kind: local, brokers: 4, controllers: 3, racks: [east, west]}
topics:
  orders: {partitions: 6, replication: 3, config: {min.insync.replicas: 2}}
workloads:
  produce: {kind: producer, topic: orders, rate: 1000/s}
  read: {kind: consumer, topic: orders, group: readers}
phases: {measure: 60s}
)";

Plan with_entries(const std::string& entries, std::uint64_t seed = 1) {
  auto outcome = test::load(trigger_base + "timeline:\n" + entries, {}, seed);
  INFO(to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  return std::move(*outcome.plan);
}

std::vector<FaultPlan> timeline_with(const std::string& entries, std::uint64_t seed = 1) {
  return with_entries(entries, seed).trials.at(0).timeline;
}

std::string refused(const std::string& entries) {
  const auto outcome = test::load(trigger_base + "timeline:\n" + entries);
  CHECK_FALSE(outcome.plan);
  return to_text(outcome.diagnostics);
}

TEST_CASE("conditions read back as they were written") {
  for (const std::string text : {"isr(orders/0) < 3", "isr(orders/11) == 2", "lag(readers) > 10000",
                                 "lag(r) >= 0", "moved(leader(a.b/3))"}) {
    const auto condition = parse_when(text);
    REQUIRE(condition);
    CHECK(to_string(*condition) == text);
  }
  for (const std::string text : {"fault first effective", "fault a-b healed"}) {
    const auto condition = parse_after_fault(text);
    REQUIRE(condition);
    CHECK(to_string(*condition) == text);
  }
  CHECK(parse_when("isr(orders/0)<=1")->value == 1);
}

TEST_CASE("what is no condition is refused with what may be written") {
  CHECK(parse_when("irs(orders/0) < 3").error().message ==
        "unknown condition 'irs(orders/0) < 3' (did you mean 'isr'?)");
  CHECK(parse_when("isr(orders) < 3").error().message ==
        "'orders' in 'isr(orders) < 3' must be a partition, as in orders/0");
  CHECK(parse_when("isr(orders/0)").error().message ==
        "'isr(orders/0)' compares with nothing: write it as in isr(topic/0) < 3");
  CHECK(parse_when("lag(readers) > much").error().message ==
        "'much' in 'lag(readers) > much' is not a whole number from 0 on");
  CHECK(parse_when("moved(broker(1))").error().message ==
        "'moved(broker(1))': only leaders move: write moved(leader(topic/0))");
  CHECK(parse_after_fault("fault first heeled").error().message ==
        "a fault is never 'heeled' (did you mean 'healed'?)");
  for (const std::string text : {"", "isr", "isr(", "lag() > 1", "moved(leader(a/0)) > 1", ")("})
    CHECK_FALSE(parse_when(text));
  for (const std::string text : {"fault", "fault healed", "fault  healed", "50 acked"})
    CHECK_FALSE(parse_after_fault(text));
}

TEST_CASE("triggers stand in the plan, and in its text") {
  const auto plan = with_entries(R"yaml(
  - {when: isr(orders/0) < 3, fault: kill, target: leader(orders/0), delay: 400ms, heal_after: 12s}
  - {at: 5s, name: first, fault: pause, target: followers(orders/0), heal_after: 4s}
  - {after: fault first healed, fault: pause, target: one, heal_after: 4s}
  - {after: 5000 acked, fault: stop, target: "follower(orders/0, 2)", heal_after: 4s}
)yaml");
  const auto& timeline = plan.trials[0].timeline;
REQUIRE(timeline.size() == 4);
CHECK(timeline[0].name == "first");  // those with a time go first
CHECK(timeline[1].trigger.when->where == TopicPartition{"orders", 0});
CHECK(timeline[1].trigger.delay == milliseconds(400));
CHECK(timeline[2].trigger.when->kind == Condition::Kind::healed);
CHECK(timeline[3].trigger.after_acked == 5000);
const auto text = plan_to_text(plan);
CHECK(text.find("when isr(orders/0) < 3, 400 ms later") != text.npos);
CHECK(text.find("after fault first healed") != text.npos);
CHECK(text.find("(first)") != text.npos);
}

TEST_CASE("conditions on what is not there are refused at their place") {
  CHECK(refused("  - {when: isr(order/0) < 3, fault: kill, target: one}\n")
            .find("'isr(order/0) < 3': topic 'order' is not declared under topics (did you mean "
                  "'orders'?)") != std::string::npos);
  CHECK(refused("  - {when: isr(orders/6) < 3, fault: kill, target: one}\n")
            .find("has partitions 0 to 5") != std::string::npos);
  CHECK(refused("  - {when: lag(reader) > 3, fault: kill, target: one}\n")
            .find("no workload or group of that name reads (did you mean 'read") !=
        std::string::npos);
  CHECK(refused("  - {after: fault frist healed, fault: kill, target: one}\n"
                "  - {at: 1s, name: first, fault: kill, target: one, heal_after: 4s}\n")
            .find("no entry is named 'frist' (did you mean 'first'?)") != std::string::npos);
  CHECK(refused("  - {at: 1s, when: isr(orders/0) < 3, fault: kill, target: one}\n")
            .find("an entry has one trigger: 'at' or 'when', not both") != std::string::npos);
}

TEST_CASE("who waits for itself never strikes, and is refused") {
  const auto errors = refused(
      "  - {after: fault b healed, name: a, fault: kill, target: broker(1), heal_after: 4s}\n"
      "  - {after: fault a healed, name: b, fault: kill, target: broker(2), heal_after: 4s}\n");
  CHECK(errors.find("'a' waits for itself, and so never strikes") != errors.npos);
  CHECK(refused("  - {at: 1s, name: a, fault: kill, target: broker(1), heal_after: 4s}\n"
                "  - {at: 9s, name: a, fault: kill, target: broker(2), heal_after: 4s}\n")
            .find("two entries are named 'a'") != std::string::npos);
}

TEST_CASE("what comes again and again is drawn by the seed, within its jitter") {
  const std::string entry =
      "  - {every: 10s, jitter: 2s, fault: pause, target: one, heal_after: 4s}\n";
  const auto timeline = timeline_with(entry);
  REQUIRE(timeline.size() == 5);
  std::set<nanoseconds> late;
  for (std::size_t k = 0; k < timeline.size(); ++k) {
    const auto after = *timeline[k].trigger.at - seconds(10) * (static_cast<int>(k) + 1);
    CHECK(after >= nanoseconds{0});
    CHECK(after < seconds(2));
    late.insert(after);
    CHECK(timeline[k].drawn.size() == 1);
  }
  CHECK(late.size() > 3);
  CHECK(timeline_with(entry)[3].trigger.at == timeline[3].trigger.at);
  CHECK(timeline_with(entry, 2)[3].trigger.at != timeline[3].trigger.at);
  CHECK(timeline_with("  - {at: 1s, every: 20s, fault: pause, target: one, heal_after: 4s}\n")
            .size() == 3);
  CHECK(refused("  - {every: 5s, fault: pause, target: one}\n").find("needs heal_after") !=
        std::string::npos);
  CHECK(refused("  - {every: 5s, jitter: 2s, fault: pause, target: one, heal_after: 4s}\n")
            .find("it would begin before it was healed") != std::string::npos);
}

TEST_CASE("a sequence goes on when the one before was healed") {
  const auto timeline = timeline_with(R"(
  - sequence:
    - {at: 2s, fault: pause, target: broker(1), heal_after: 4s}
    - {delay: 1s, name: second, fault: kill, target: broker(2), heal_after: 4s}
    - {fault: pause, target: broker(3), heal_after: 4s}
)");
  REQUIRE(timeline.size() == 3);
  CHECK(timeline[0].name == "entry-1");
  CHECK(to_string(*timeline[1].trigger.when) == "fault entry-1 healed");
  CHECK(timeline[1].trigger.delay == seconds(1));
  CHECK(to_string(*timeline[2].trigger.when) == "fault second healed");
  CHECK(refused("  - {sequence: []}\n").find("a sequence is a list of entries") !=
        std::string::npos);
  CHECK(
      refused("  - sequence:\n    - {fault: kill, target: broker(2)}\n").find("missing key 'at'") !=
      std::string::npos);
}

TEST_CASE("sets and racks are targets") {
  const auto timeline = timeline_with(
      "  - {at: 1s, fault: pause, target: [broker(1), leader(orders/0)], heal_after: 4s}\n"
      "  - {at: 10s, fault: pause, target: rack(west), heal_after: 4s}\n"
      "  - {at: 20s, fault: pause, target: coordinator(group readers), heal_after: 4s}\n");
  CHECK(to_string(timeline[0].target) == "[broker(1), leader(orders/0)]");
  CHECK(timeline[1].drawn == std::vector{NodeId(2), NodeId(4)});
  CHECK(timeline[2].target.name == "readers");
  CHECK(refused("  - {at: 1s, fault: pause, target: rack(wset)}\n")
            .find("no such rack (did you mean 'west'?)") != std::string::npos);
  CHECK(refused("  - {at: 1s, fault: pause, target: [broker(1), broker(9)]}\n")
            .find("broker(9) does not exist") != std::string::npos);
  CHECK(refused("  - {at: 1s, fault: pause, target: \"follower(orders/0, 3)\"}\n")
            .find("has 2 followers") != std::string::npos);
}

TEST_CASE("faults that administer have the cluster as their target, others have not") {
  const auto timeline = timeline_with("  - {at: 1s, fault: elect, partition: orders/0}\n");
  CHECK(timeline[0].target.kind == Target::Kind::cluster);
  CHECK(refused("  - {at: 1s, fault: elect, partition: orders/0, target: one}\n")
            .find("its target is 'cluster'") != std::string::npos);
  CHECK(refused("  - {at: 1s, fault: kill, target: cluster}\n")
            .find("it acts on nodes: target 'cluster' names none") != std::string::npos);
  CHECK(refused("  - {at: 1s, fault: kill}\n").find("missing key 'target'") != std::string::npos);
  CHECK(
      refused("  - {at: 1s, fault: elect, partition: orders}\n").find("'orders' is no partition") !=
      std::string::npos);
}

TEST_CASE("a timeline written as YAML is read back as it was") {
  const auto plan = with_entries(R"(
  - {when: lag(readers) > 10, fault: kill, target: "[broker(1), leader(orders/1)]", heal_after: 12s}
  - {at: 5123ms, name: first, fault: pause, target: one, heal_after: 4s, patience: 3s}
  - {after: fault first healed, delay: 2s, fault: elect, partition: orders/0}
)");
  const auto& timeline = plan.trials[0].timeline;
  const auto again = test::load(with_timeline(plan.text, {}, timeline));
  INFO(to_text(again.diagnostics));
  REQUIRE(again.plan);
  const auto& read = again.plan->trials[0].timeline;
  REQUIRE(read.size() == timeline.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(describe(read[i].trigger) == describe(timeline[i].trigger));
    CHECK(read[i].heal_after == timeline[i].heal_after);
    CHECK(read[i].options.all().size() == timeline[i].options.all().size());
    CHECK(read[i].drawn == timeline[i].drawn);
  }
  CHECK(read[0].target.kind == Target::Kind::broker);  // what was drawn stands there as drawn
}

const std::string chaos_part = "chaos: {every: 5s, faults: {kill: 3, pause: 1}}\nrepeat: 4\n";

TEST_CASE("chaos is a timeline that the seed draws, and that can be written down") {
  const auto outcome = test::load(trigger_base + chaos_part);
  INFO(to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  const Plan& plan = *outcome.plan;
  for (const auto& trial : plan.trials) {
    CHECK_FALSE(trial.timeline.empty());
    REQUIRE(trial.chaos);
    const auto again = test::load(with_timeline(plan.text, trial.axes, trial.timeline));
    INFO(to_text(again.diagnostics));
    REQUIRE(again.plan);
    REQUIRE(again.plan->trials[0].timeline.size() == trial.timeline.size());
    for (std::size_t i = 0; i < trial.timeline.size(); ++i)
      CHECK(describe(again.plan->trials[0].timeline[i]) == describe(trial.timeline[i]));
  }
  CHECK(plan_to_json(plan) == plan_to_json(*test::load(trigger_base + chaos_part).plan));
  CHECK(plan_to_text(plan).find("acks are demanded from 0") != std::string::npos);
}

TEST_CASE("chaos that cannot be drawn is refused") {
  const auto errors = [](const std::string& part) {
    const auto outcome = test::load(trigger_base + part);
    CHECK_FALSE(outcome.plan);
    return to_text(outcome.diagnostics);
  };
  CHECK(errors("chaos: {faults: {kil: 3}}\n").find("unknown fault 'kil' (did you mean 'kill'?)") !=
        std::string::npos);
  CHECK(errors("chaos: {}\n").find("faults must be a map") != std::string::npos);
  CHECK(errors("chaos: {faults: {kill: 0}}\n").find("its weight must be above 0") !=
        std::string::npos);
  CHECK(errors("chaos: {faults: {kill: 1}, targets: [leeder]}\n").find("did you mean 'leader'?") !=
        std::string::npos);
  CHECK(errors("chaos: {faults: {kill: 1}, targets: [followers]}\n").find("say `within: beyond`") !=
        std::string::npos);
  CHECK(errors("chaos: {faults: {kill: 1}, within: tolrated}\n").find("tolerated") !=
        std::string::npos);
  CHECK(errors("chaos: {faults: {kill: 1}}\ntimeline: [{at: 1s, fault: kill, target: one}]\n")
            .find("leave one out") != std::string::npos);
  CHECK(errors("chaos: {faults: {elect: 1}}\n").find("partition") != std::string::npos);
  CHECK(errors(
            "chaos: {faults: {alter_topic: {topic: orders, config: {min.insync.replicas: two}}}}\n")
            .find("topic property 'min.insync.replicas'") != std::string::npos);
  CHECK(errors("chaos: {faults: {elect: {partition: orders/99}}}\n")
            .find("elect: topic 'orders/99': topic 'orders' has partitions 0 to ") !=
        std::string::npos);
}

TEST_CASE("no option of a fault bears the name of a key that all entries have") {
  // They share one map: a plug-in's option would take the key's place.
  for (const auto& [name, plugin] : Registry<Fault>::instance().all()) {
    for (const auto& option : plugin.options) {
      INFO(name << ": " << option.name);
      CHECK(std::ranges::find(timeline_keys(), option.name, &OptionSpec::name) ==
            timeline_keys().end());
    }
  }
}

}  // namespace
}  // namespace seatrial::scenario
