// A trial's ways: through its phases, and out of them wherever something fails or somebody stops
// it. On a cluster of states and librdkafka's mock; says nothing about Kafka.
#include "run/trial.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/fault.hpp"
#include "ledger/ledger.hpp"
#include "support/catch.hpp"
#include "support/fake_workload.hpp"
#include "unit/run/trial_rig.hpp"

namespace seatrial::run {
namespace {

using Strings = std::vector<std::string>;
using Kind = ProcessState::Kind;

const Strings all_phases{"warmup", "measure", "settle", "recover", "audit"};

bool any_contains(const Strings& texts, const std::string& part) {
  return std::ranges::any_of(texts, [&](const auto& text) { return text.find(part) != text.npos; });
}

TEST_CASE("phases come in their order, and are journalled as they end") {
  TrialRig rig;
  rig.await_readiness = true;
  rig.add_producer();
  Strings when_settling;
  rig.on_phase = [&](const std::string& phase) {
    if (phase == "settling") when_settling = rig.recorded().phases();
  };
  REQUIRE(rig.run() == TrialEnd::finished);
  const auto trial = rig.recorded();
  CHECK(when_settling == Strings{"warmup", "measure"});
  CHECK(trial.phases() == all_phases);
  CHECK(trial.status() == "finished");
  CHECK(trial.verdict() == "pass");
  CHECK(trial.reasons().empty());
  CHECK(rig.cluster.calls == Strings{"up", "collect_logs", "collect_logs", "down"});
}

TEST_CASE("a cluster that dies at its start is an error with its words, and nothing follows") {
  TrialRig rig;
  rig.add_producer();
  rig.cluster.up = [](const auto&) { throw InfrastructureError("broker-1: no space left"); };
  CHECK(rig.run() == TrialEnd::error);
  const auto trial = rig.recorded();
  CHECK(trial.status() == "error");
  CHECK(trial.error() == "broker-1: no space left");
  CHECK(trial.verdict() == "unknown");
  CHECK(trial.reasons() == Strings{"broker-1: no space left"});
  CHECK(trial.phases().empty());
  CHECK(rig.shown == Strings{"starting brokers", "taking the cluster down"});
  CHECK(rig.cluster.calls == Strings{"up", "collect_logs", "down"});
}

TEST_CASE("brokers that never get ready are an error that says what was missing") {
  TrialRig rig;
  rig.cluster.serves = false;
  rig.await_readiness = true;
  rig.plan.cluster.start_budget = milliseconds(100);
  CHECK(rig.run() == TrialEnd::error);
  CHECK(rig.recorded().error() ==
        "the cluster did not get ready: registration of all 1 brokers did not happen in time");
  CHECK(rig.cluster.calls.back() == "down");
}

TEST_CASE("a setting that brokers refuse is told with its place") {
  TrialRig rig;
  rig.plan.cluster.config = {{"num.io.threads", "none"}};
  rig.cluster.up = [](const auto&) {
    throw InfrastructureError("x.ConfigException: Invalid value none for num.io.threads");
  };
  CHECK(rig.run() == TrialEnd::refused);
  const auto trial = rig.recorded();
  CHECK(trial.truth("refused"));
  CHECK(trial.error() ==
        "file.yaml, num.io.threads: the brokers refuse this: Invalid value none "
        "for num.io.threads");
}

TEST_CASE("logs that cannot be collected keep no cluster up, and what stays behind is told") {
  TrialRig rig;
  rig.cluster.up = [](const auto&) { throw InfrastructureError("no"); };
  rig.cluster.collect_logs = [] { throw InfrastructureError("the disk is full"); };
  rig.cluster.leftovers = {"container 4711"};
  CHECK(rig.run() == TrialEnd::error);
  CHECK(rig.cluster.calls == Strings{"up", "collect_logs", "down"});
  CHECK(rig.recorded().texts("leftovers") == Strings{"container 4711"});
  CHECK(rig.recorded().error() == "no");
}

TEST_CASE("a broken invariant passes, and the record says so, and the cluster is gone") {
  TrialRig rig;
  rig.cluster.up = [](const auto&) { check(false, "one is two"); };
  CHECK_THROWS_AS(rig.run(), InvariantBroken);
  CHECK(rig.recorded().error() == "invariant broken: one is two");
  CHECK(rig.recorded().verdict() == "unknown");
  CHECK(rig.cluster.calls.back() == "down");
}

TEST_CASE("what a stop broke off is an interruption, whatever the surroundings say") {
  TrialRig rig;
  rig.stop_at = "starting brokers";
  rig.cluster.up = [](const auto& stop) {
    if (stop.stop_requested()) throw InfrastructureError("broker-1 was ended");
  };
  CHECK(rig.run() == TrialEnd::interrupted);
  CHECK(rig.recorded().status() == "error");
  CHECK(rig.recorded().verdict() == "unknown");
  CHECK(rig.cluster.calls.back() == "down");
}

TEST_CASE("a stop in any phase leaves a record that says how far it came, all healed and gone") {
  const std::string phase =
      GENERATE("waiting until the cluster is ready", "connecting clients", "warmup", "measure",
               "healing", "settling", "waiting for full ISR");
  INFO(phase);
  TrialRig rig;
  rig.add_producer();
  rig.add_fault("pause", 1);
  rig.await_readiness = phase == "waiting until the cluster is ready";
  rig.stop_at = phase;
  CHECK(rig.run() == TrialEnd::interrupted);
  const auto trial = rig.recorded();
  CHECK(rig.was_shown(phase));
  CHECK(trial.status() == "error");
  CHECK(trial.error() == "interrupted");
  CHECK(trial.verdict() == "unknown");
  CHECK_FALSE(trial.has("workloads"));
  CHECK(trial.phases().size() <= 3);
  CHECK(rig.states_at_the_end == std::vector{Kind::running});
  CHECK(rig.cluster.calls.back() == "down");
}

TEST_CASE("a lane that throws ends the trial as an error, with its words, and nothing is judged") {
  const test::FakeWorkload breaks(
      "breaks", {.traits = {.produces = true},
                 .run = [](auto&, const test::Ready& ready, const auto&) -> LaneReport {
                   ready();
                   throw std::runtime_error("the client broke down");
                 }});
  TrialRig rig;
  rig.add_producer();
  rig.plan.workloads.push_back(breaks.plan());
  CHECK(rig.run() == TrialEnd::error);
  const auto trial = rig.recorded();
  CHECK(trial.error() == "workload 'breaks', lane 0: the client broke down");
  CHECK(trial.phases() == Strings{"warmup", "measure", "settle"});
  CHECK_FALSE(trial.has("audit"));
}

TEST_CASE("an audit that could not finish is no pass, and says why") {
  TrialRig rig;
  rig.add_producer();
  rig.plan.phases.audit = nanoseconds(0);
  CHECK(rig.run() == TrialEnd::finished);
  const auto trial = rig.recorded();
  CHECK(trial.verdict() == "unknown");
  CHECK(trial.audit("status") == "incomplete");
  CHECK(any_contains(trial.reasons(), "the audit is incomplete: orders/0: "));
}

// A client that claims acks which the log knows nothing of.
TEST_CASE("what a lane says was acked and the log does not hold is missed") {
  const test::FakeWorkload lies("lies",
                                {.traits = {.produces = true},
                                 .run = [](auto& lane, const test::Ready& ready, const auto& stop) {
                                   LaneReport report = test::idle(lane, ready, stop);
                                   for (int i = 0; i < 3; ++i) {
                                     const auto slot = lane.ledger->open(0, lane.clock->measure_ns);
                                     lane.ledger->settle(slot, ledger::Outcome::acked, i);
                                     ++report.intended;
                                   }
                                   return report;
                                 }});
  TrialRig rig;
  rig.plan.workloads.push_back(lies.plan());
  CHECK(rig.run() == TrialEnd::finished);
  CHECK(rig.recorded().count("acked_lost") == 3);
}

TEST_CASE("a fault without effect makes the trial invalid, whatever else it saw") {
  TrialRig rig;
  rig.add_producer();
  rig.add_fault("test-idle", 1);
  CHECK(rig.run() == TrialEnd::finished);
  CHECK(rig.recorded().verdict() == "invalid");
  CHECK(rig.recorded().fault(0, "status") == "ineffective");
  CHECK(rig.recorded().fault(0, "error") == "nothing happened");
  CHECK(any_contains(rig.recorded().reasons(), "fault test-idle broker(1): nothing happened"));
}

TEST_CASE("a kept cluster is not taken down, and the record says where it is") {
  TrialRig rig;
  rig.keep_cluster = true;
  rig.cluster.up = [](const auto&) { throw InfrastructureError("no"); };
  CHECK(rig.run() == TrialEnd::error);
  CHECK(rig.cluster.calls == Strings{"up", "collect_logs"});
  CHECK(rig.recorded().has("kept"));
}

// A fault whose effect is never seen.
class Idle final : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster&, const std::vector<NodeId>&, Evidence&) override {
    throw FaultIneffective("nothing happened");
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override { return {}; }
};

const Registration<Fault> idle_fault{
    {.name = "test-idle",
     .help = "for this test",
     .options = {},
     .make = [](const Options&) -> std::unique_ptr<Fault> { return std::make_unique<Idle>(); }}};

}  // namespace
}  // namespace seatrial::run
