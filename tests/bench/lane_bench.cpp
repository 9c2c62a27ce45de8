// How late one producing lane sends at a rate, and what CPU it takes, against librdkafka's mock
// cluster in this process: lateness p50, p99 and p99.9, with and without `spin`. Says nothing about
// Kafka. The figures hold for the machine; nothing passes or fails on them.
//
// What limits the rest, as measured on 2 virtual cores. A sleeping lane is woken by a timer, 32 to
// 37 us late in the median by clock_nanosleep alone: that is the interrupt and the way back onto a
// core, and a timer slack of 1 ns instead of 1 us (PR_SET_TIMERSLACK) gains nothing more; the
// kernel's default of 50 us makes it 82 us. Waits are absolute, so none of this adds up. `spin`
// hides that delay as far as it reaches (a wake-up of 35 us is not hidden by 20 us, gaps shorter
// than the spin are waited out awake: median below 1 us, at a core's price). From 20,000/s up gaps
// are shorter than the shortest nap of 50 us; what falls due in one is sent together, and the
// median is about half of a nap and its wake-up. The p99.9 of 1 to 4 ms is a scheduler's slice:
// with more runnable threads than cores (the client's, the mock's, other processes') the lane waits
// for one to end, awake or asleep before, and no clock call helps; a core of its own does.
#include <benchmark/benchmark.h>

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "kafka/mock.hpp"
#include "ledger/ledger.hpp"
#include "measure/recorder.hpp"
#include "workloads/producer_lane.hpp"

namespace seatrial {
namespace {

using measure::Metric;

constexpr auto warmup = seconds(1);
constexpr auto length = seconds(4);

// Nanoseconds that a thread of this process has been on a CPU.
std::uint64_t on_cpu_ns(const std::string& task) {
  std::uint64_t ns = 0;
  std::ifstream("/proc/self/task/" + task + "/schedstat") >> ns;
  return ns;
}

struct Use {
  std::uint64_t lane_ns = 0;
  std::uint64_t client_ns = 0;  // librdkafka's threads of the lane's client
};

// `before`: the threads that were there before the client was made, the mock's among them.
Use use_of(pid_t lane, const std::vector<std::string>& before) {
  Use use{.lane_ns = on_cpu_ns(std::to_string(lane))};
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return use;
  while (const dirent* task = readdir(tasks)) {
    const std::string id = task->d_name;
    if (id.starts_with('.') || id == std::to_string(lane)) continue;
    if (std::find(before.begin(), before.end(), id) == before.end()) use.client_ns += on_cpu_ns(id);
  }
  closedir(tasks);
  return use;
}

std::vector<std::string> threads() {
  std::vector<std::string> out;
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return out;
  while (const dirent* task = readdir(tasks)) out.emplace_back(task->d_name);
  closedir(tasks);
  return out;
}

// A lane with all that it needs, on a mock of its own.
class Lane {
 public:
  explicit Lane(const workloads::ProducerSettings& settings) : settings_(settings) {
    cluster_.create_topic("orders", 6, 1);
    context_.workload = "produce";
    context_.bootstrap = cluster_.bootstrap();
    context_.topic = "orders";
    context_.partitions = 6;
    context_.trial_tag = 1;
    context_.seed = 1;
    context_.properties = {{"linger.ms", "1"}, {"acks", "1"}};
    context_.clock = &clock_;
    context_.counters = &counters_;
    context_.recorder = &recorder;
    context_.ledger = &lane_;
  }

  void run() {
    before_ = threads();
    std::thread lane([this] { run_lane(); });
    while (clock_ready_.load() == 0) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_until(from_ns(clock_.measure_ns));
    const Use from = use_of(lane_thread_, before_);
    std::this_thread::sleep_until(from_ns(clock_.intend_until_ns) - milliseconds(10));
    const Use to = use_of(lane_thread_, before_);
    lane.join();
    used = {.lane_ns = to.lane_ns - from.lane_ns, .client_ns = to.client_ns - from.client_ns};
  }

  measure::LaneRecorder recorder{0};
  Use used;
  LaneReport report;

 private:
  void run_lane() {
    lane_thread_ = static_cast<pid_t>(syscall(SYS_gettid));
    const auto ready = [this] {
      const Instant start = now() + milliseconds(10);
      clock_.start_ns = to_ns(start);
      clock_.measure_ns = to_ns(start + warmup);
      clock_.intend_until_ns = to_ns(start + warmup + length);
      clock_.settle_until_ns = to_ns(start + warmup + length + seconds(30));
      recorder.set_origin(clock_.measure_ns);
      recorder.set_measure(clock_.measure_ns, clock_.intend_until_ns);
      clock_ready_ = 1;
    };
    report = workloads::run_producer_lane(settings_, context_, ready, {});
  }

  workloads::ProducerSettings settings_;
  kafka::MockCluster cluster_{1};
  TrialClock clock_;
  LaneCounters counters_;
  ledger::Ledger ledger_{std::vector<ledger::LaneShape>{
      {.lane = LaneId(0), .workload = "produce", .topic = "orders", .partitions = 6}}};
  ledger::LaneLedger lane_ = ledger_.lane(0);
  LaneContext context_;
  std::vector<std::string> before_;
  std::atomic<int> clock_ready_{0};
  pid_t lane_thread_ = 0;
};

void lane_lateness(benchmark::State& state) {
  const workloads::ProducerSettings settings{
      .rate = {.messages = static_cast<std::uint64_t>(state.range(0))},
      .size = workloads::SizeShape::parse("100B").value(),
      .keys = workloads::KeyShape::parse("none").value(),
      .spin = std::chrono::microseconds(state.range(1)),
      .before_handover = nullptr};
  for (auto _ : state) {
    Lane lane(settings);
    lane.run();
    const auto late = lane.recorder.total(Metric::lateness);
    const auto us = [&](double p) { return static_cast<double>(late.value_at(p)) / 1e3; };
    const auto share = [](std::uint64_t ns) {
      return static_cast<double>(ns) / 1e9 / to_seconds(length) * 100;
    };
    state.counters["p50_us"] = us(50);
    state.counters["p99_us"] = us(99);
    state.counters["p99.9_us"] = us(99.9);
    state.counters["samples"] = static_cast<double>(late.count());
    state.counters["lane_cpu_%"] = share(lane.used.lane_ns);
    state.counters["client_cpu_%"] = share(lane.used.client_ns);
  }
}
BENCHMARK(lane_lateness)
    ->ArgNames({"rate", "spin_us"})
    ->ArgsProduct({{1'000, 10'000, 100'000, 500'000}, {0, 20}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace seatrial
