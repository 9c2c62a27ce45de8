// The lives of lanes, on threads, with workloads that a test scripts: no brokers.
#include "run/lanes.hpp"

#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <set>

#include "core/check.hpp"
#include "core/setting_refused.hpp"
#include "support/catch.hpp"
#include "support/fake_workload.hpp"

namespace seatrial::run {
namespace {

using test::FakeWorkload;
using test::LaneScript;
using test::Ready;

scenario::TrialPlan plan_of(const std::vector<const FakeWorkload*>& workloads) {
  scenario::TrialPlan plan;
  plan.topics = {{.name = "orders", .partitions = 2, .replication = 1, .config = {}}};
  for (const auto* workload : workloads) plan.workloads.push_back(workload->plan());
  plan.phases.warmup = {.at_least = milliseconds(0), .at_most = milliseconds(0)};
  plan.phases.measure = milliseconds(20);
  return plan;
}

// The lanes of such a plan; what they are told is the test's to say.
struct Rig {
  scenario::TrialPlan plan;
  Lanes lanes;
  std::stop_source stop;

  explicit Rig(const std::vector<const FakeWorkload*>& workloads)
      : plan(plan_of(workloads)),
        lanes({.plan = plan, .bootstrap = "nowhere:1", .run_id = "test", .program = "/bin/false"}) {
  }
  void connect() { lanes.connect(now() + seconds(10), stop.get_token()); }
  void begin() {
    connect();
    lanes.release(plan.phases);
    lanes.begin_measure(from_ns(lanes.clock().origin_ns), plan.phases.measure);
  }
  void end() {
    lanes.settle_producers(seconds(90), stop.get_token());
    lanes.finish_consumers(seconds(90), stop.get_token());
  }
};

LaneScript producing(int lanes, decltype(LaneScript::run) run) {
  return {.traits = {.lanes = lanes, .produces = true}, .run = std::move(run)};
}

LaneScript consuming(decltype(LaneScript::run) run) {
  return {.traits = {.quiet_time = milliseconds(1)}, .run = std::move(run)};
}

std::string connect_error(Rig& rig) {
  try {
    rig.connect();
  } catch (const InfrastructureError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("no lane begins before all are connected, and all begin at one instant") {
  std::mutex mutex;
  std::set<std::int64_t> starts;
  std::atomic<int> connected{0};
  std::atomic<bool> early{false};
  const FakeWorkload writes("writes",
                            producing(3, [&](auto& lane, const Ready& ready, const auto&) {
                              std::this_thread::sleep_for(milliseconds(5 * lane.index));
                              ++connected;
                              ready();
                              if (connected != 3) early = true;
                              const std::lock_guard lock(mutex);
                              starts.insert(lane.clock->start_ns);
                              return LaneReport{};
                            }));
  Rig rig({&writes});
  rig.begin();
  rig.end();
  CHECK_FALSE(early);
  CHECK(starts == std::set{rig.lanes.clock().start_ns});
  CHECK(rig.lanes.clock().start_ns > 0);
}

TEST_CASE("a lane that cannot connect is named with its words") {
  const FakeWorkload writes("writes",
                            producing(2, [](auto& lane, const Ready& ready, const auto& s) {
                              if (lane.index == 1) throw std::runtime_error("no such host");
                              return test::idle(lane, ready, s);
                            }));
  Rig rig({&writes});
  CHECK(connect_error(rig) == "workload 'writes', lane 1: no such host");
}

TEST_CASE("a lane that failed is not waited for behind one that hangs") {
  const FakeWorkload writes("writes", producing(2, [](auto& lane, const Ready&, const auto& stop) {
                              if (lane.index == 1)
                                throw SettingRefused({"workloads", "writes"}, "no");
                              while (!stop.stop_requested())
                                std::this_thread::sleep_for(milliseconds(1));
                              return LaneReport{};
                            }));
  Rig rig({&writes});
  CHECK_THROWS_AS(rig.lanes.connect(now() + seconds(10), {}), SettingRefused);
}

TEST_CASE("a lane that never connects is bounded by the deadline") {
  const FakeWorkload reads("reads", consuming([](auto&, const Ready&, const auto& stop) {
                             while (!stop.stop_requested())
                               std::this_thread::sleep_for(milliseconds(1));
                             return LaneReport{};
                           }));
  Rig rig({&reads});
  CHECK_THROWS_WITH(rig.lanes.connect(now(), {}),
                    "workload 'reads', lane 0 could not connect in time");
}

TEST_CASE("a lane that ends before it is connected is no lane that connects late") {
  const FakeWorkload reads(
      "reads", consuming([](auto&, const Ready&, const auto&) { return LaneReport{}; }));
  Rig rig({&reads});
  CHECK(connect_error(rig) == "workload 'reads', lane 0 ended before it was connected");
}

TEST_CASE("a stop ends the wait for lanes that connect, and the lanes") {
  Rig* running = nullptr;
  const FakeWorkload reads("reads", consuming([&](auto&, const Ready&, const auto& stop) {
                             running->stop.request_stop();
                             while (!stop.stop_requested())
                               std::this_thread::sleep_for(milliseconds(1));
                             return LaneReport{};
                           }));
  Rig rig({&reads});
  running = &rig;
  CHECK_THROWS_AS(rig.connect(), Interrupted);
}

TEST_CASE("a lane that throws while others work leaves them alone, and its words are kept") {
  const FakeWorkload writes("writes",
                            producing(3, [](auto& lane, const Ready& ready, const auto& s) {
                              if (lane.index != 1) {
                                auto report = test::idle(lane, ready, s);
                                report.intended = 1;
                                return report;
                              }
                              ready();
                              throw std::runtime_error("the socket is gone");
                            }));
  Rig rig({&writes});
  rig.begin();
  rig.end();
  CHECK(rig.lanes.failures() ==
        std::vector<std::string>{"workload 'writes', lane 1: the socket is gone"});
  CHECK(rig.lanes.lane(0).report.intended == 1);
  CHECK(rig.lanes.lane(2).report.intended == 1);
}

TEST_CASE("what a lane throws that is no exception of the library has a name, too") {
  const FakeWorkload writes("writes", producing(1, [](auto&, const Ready& ready, const auto&) {
                              ready();
                              throw 42;
                              return LaneReport{};
                            }));
  Rig rig({&writes});
  rig.begin();
  rig.end();
  CHECK(rig.lanes.failures() ==
        std::vector<std::string>{"workload 'writes', lane 0: unknown exception"});
}

TEST_CASE("a producer that does not settle is given its budget, and no more") {
  std::atomic<std::int64_t> until_ns{0};
  const FakeWorkload writes("writes",
                            producing(1, [&](auto& lane, const Ready& ready, const auto&) {
                              ready();
                              while (to_ns(now()) < lane.clock->settle_until_ns)
                                std::this_thread::sleep_for(milliseconds(1));
                              until_ns = lane.clock->settle_until_ns.load();
                              return LaneReport{};
                            }));
  Rig rig({&writes});
  rig.begin();
  const auto before_ns = to_ns(now());
  rig.lanes.settle_producers(milliseconds(30), {});
  CHECK(until_ns >= before_ns + 30'000'000);
  CHECK(until_ns <= to_ns(now()));
}

TEST_CASE("a stop shortens the budget of a producer that does not settle") {
  Rig* running = nullptr;
  std::atomic<bool> stopped{false};
  const FakeWorkload writes(
      "writes", producing(1, [&](auto& lane, const Ready& ready, const auto& stop) {
        ready();
        running->stop.request_stop();
        while (!stop.stop_requested() && to_ns(now()) < lane.clock->settle_until_ns)
          std::this_thread::sleep_for(milliseconds(1));
        stopped = stop.stop_requested();
        return LaneReport{};
      }));
  Rig rig({&writes});
  running = &rig;
  rig.begin();
  rig.lanes.settle_producers(seconds(90), rig.stop.get_token());
  CHECK(stopped);
}

// A group's member may take twenty seconds to leave; who has pressed Ctrl-C waits for none of them.
TEST_CASE("a stop reaches consumers that have been told to end") {
  std::atomic<bool> stopped{false};
  Rig* running = nullptr;
  const FakeWorkload reads("reads",
                           consuming([&](auto& lane, const Ready& ready, const auto& stop) {
                             test::idle(lane, ready, stop);
                             running->stop.request_stop();
                             const Instant patience = now() + seconds(5);
                             while (!stop.stop_requested() && now() < patience)
                               std::this_thread::sleep_for(milliseconds(1));
                             stopped = stop.stop_requested();
                             return LaneReport{};
                           }));
  Rig rig({&reads});
  running = &rig;
  rig.begin();
  rig.end();
  CHECK(stopped);
}

TEST_CASE("consumers are read out until nothing comes for their quiet time") {
  const FakeWorkload reads("reads", consuming([](auto& lane, const Ready& ready, const auto& stop) {
                             ready();
                             for (int i = 0; i < 5; ++i) {
                               lane.counters->consumed.fetch_add(1);
                               std::this_thread::sleep_for(milliseconds(2));
                             }
                             while (!lane.clock->consumers_stop && !stop.stop_requested())
                               std::this_thread::sleep_for(milliseconds(1));
                             return LaneReport{};
                           }));
  Rig rig({&reads});
  rig.begin();
  rig.end();
  CHECK(rig.lanes.consumers_quiet());
  CHECK(rig.lanes.total(&LaneCounters::consumed) == 5);
}

TEST_CASE("consumers that never fall silent are ended by the budget, which is told") {
  std::atomic<bool> ended{false};
  auto endless = consuming([&](auto& lane, const Ready& ready, const auto& stop) {
    ready();
    while (!lane.clock->consumers_stop && !stop.stop_requested()) {
      lane.counters->consumed.fetch_add(1);
      std::this_thread::sleep_for(milliseconds(1));
    }
    ended = true;
    return LaneReport{};
  });
  endless.traits.quiet_time = milliseconds(500);
  const FakeWorkload reads("reads", std::move(endless));
  Rig rig({&reads});
  rig.begin();
  rig.lanes.finish_consumers(milliseconds(1), {});
  CHECK(ended);
  CHECK_FALSE(rig.lanes.consumers_quiet());
}

TEST_CASE("lanes that are given up before they were let go end") {
  std::atomic<int> ended{0};
  const FakeWorkload writes("writes",
                            producing(2, [&](auto& lane, const Ready& ready, const auto& stop) {
                              auto report = test::idle(lane, ready, stop);
                              ++ended;
                              return report;
                            }));
  {
    Rig rig({&writes});
    rig.connect();
  }
  CHECK(ended == 2);
}

TEST_CASE("counters add up over a workload's lanes, and over workloads only where asked") {
  const auto acking = [](std::uint64_t count) {
    return producing(2, [=](auto& lane, const Ready& ready, const auto&) {
      ready();
      lane.counters->acked = count + static_cast<std::uint64_t>(lane.index);
      return LaneReport{};
    });
  };
  const FakeWorkload first("first", acking(10)), second("second", acking(100));
  Rig rig({&first, &second});
  rig.begin();
  rig.end();
  CHECK(rig.lanes.total(rig.lanes.workloads()[0], &LaneCounters::acked) == 21);
  CHECK(rig.lanes.total(rig.lanes.workloads()[1], &LaneCounters::acked) == 201);
  CHECK(rig.lanes.total(&LaneCounters::acked) == 222);
}

TEST_CASE("each lane has a seed, streams and a place of its own") {
  std::mutex mutex;
  std::set<std::uint64_t> seeds;
  std::set<std::uint32_t> streams;
  std::set<int> places;
  const FakeWorkload writes("writes",
                            producing(3, [&](auto& lane, const Ready& ready, const auto&) {
                              ready();
                              const std::lock_guard lock(mutex);
                              seeds.insert(lane.seed);
                              places.insert(lane.index);
                              for (std::uint32_t p = 0; p < 2; ++p)
                                streams.insert(lane.first_stream + p);
                              return LaneReport{};
                            }));
  Rig rig({&writes});
  rig.begin();
  rig.end();
  CHECK(seeds.size() == 3);
  CHECK(streams.size() == 6);
  CHECK(places == std::set{0, 1, 2});
}

TEST_CASE("who sees that measure begins finds its end") {
  std::atomic<bool> torn{false};
  const FakeWorkload writes(
      "writes", producing(1, [&](auto& lane, const Ready& ready, const auto& s) {
        ready();
        while (!s.stop_requested() && !lane.clock->decided()) {
        }
        torn = lane.clock->intend_until_ns - lane.clock->measure_ns != 20'000'000;
        return LaneReport{};
      }));
  Rig rig({&writes});
  rig.begin();
  rig.end();
  CHECK_FALSE(torn);
  CHECK_THROWS_AS(rig.lanes.begin_measure(now(), milliseconds(1)), InvariantBroken);
}

TEST_CASE("a process that cannot be started is an error of its lane, with why") {
  auto script = consuming(test::idle);
  script.traits.has_members = true;
  const FakeWorkload reads("reads", std::move(script));
  const scenario::TrialPlan plan = plan_of({&reads});
  const auto folder =
      std::filesystem::temp_directory_path() / ("seatrial-lanes-" + std::to_string(::getpid()));
  Lanes lanes({.plan = plan, .run_id = "test", .folder = folder, .program = folder / "gone"});
  CHECK_THROWS_WITH(lanes.connect(now() + seconds(90), {}),
                    "workload 'reads', lane 0: member 1 of 'reads': " + (folder / "gone").string() +
                        " is not installed");
  CHECK_THROWS_WITH(lanes.members().start(member_node(0, 1)),
                    "member 1 of 'reads' cannot start: its part in the trial is over");
  CHECK_THROWS_WITH(lanes.members().signal(member_node(0, 1), Signal::kill),
                    "member 1 of 'reads' has no process");
  CHECK(lanes.members().state(member_node(0, 1)) == ProcessState{});
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace seatrial::run
