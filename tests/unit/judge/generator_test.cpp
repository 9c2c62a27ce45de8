// When a load counts as limited by its generator, and a trial as disturbed by others.
#include "judge/generator.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/catch.hpp"
#include "support/values.hpp"

namespace seatrial::judge {
namespace {

using seatrial::test::ms;

TEST_CASE("a load is generator-limited above 1 ms and above a tenth of response") {
  CHECK_FALSE(generator_limit(ms, ms, 0));           // not above 1 ms
  CHECK_FALSE(generator_limit(5 * ms, 50 * ms, 0));  // a tenth, not above it
  CHECK_FALSE(generator_limit(0, 0, 0));
  CHECK(generator_limit(5 * ms + 1, 50 * ms, 0) ==
        "lateness p99 is 5 ms, more than 10 % of response p99, 50 ms");
  CHECK(generator_limit(2 * ms, 3 * ms, 0));
}

TEST_CASE("what lanes hold back by their own rule is named where a load was later than that") {
  CHECK_FALSE(generator_limit(ms, ms, 0, nanoseconds(ms)));
  CHECK(generator_limit(2 * ms, 9 * ms, 0, nanoseconds(ms / 5)) ==
        "lateness p99 beyond the 200 us of `wake` is 2 ms, more than 10 % of response p99, 9 ms");
}

TEST_CASE("a full client queue is told apart from a slow generator") {
  const auto why = generator_limit(20 * ms, 30 * ms, 4'000 * 1'000'000ULL);
  REQUIRE(why);
  CHECK(why->find("queues were full for 4 s") != std::string::npos);
}

TEST_CASE("work of other processes, and stolen time, make latencies doubtful") {
  CHECK_FALSE(disturbance({}, {}));
  CHECK_FALSE(disturbance(0.1, 0.01));
  const auto cores = static_cast<double>(std::max(1U, std::thread::hardware_concurrency()));
  const auto others = disturbance(0.5 + 0.05 * cores, 0.01);
  REQUIRE(others);
  CHECK(others->find("other processes used") == 0);
  const auto stolen = disturbance(0.1, 0.03);
  REQUIRE(stolen);
  CHECK(stolen->find("took 3.0 % of this one's cores") != std::string::npos);
}

// Ten seconds on a machine half idle, of one closed loop that waited most of the time.
nlohmann::json waiting_trial() {
  nlohmann::json trial{
      {"phases",
       {{{"name", "warmup"}, {"from_s", -5}, {"to_s", 0}},
        {{"name", "measure"}, {"from_s", 0}, {"to_s", 5}},
        {{"name", "audit"}, {"from_s", 5}, {"to_s", 9}}}},
      {"generator", {{"busy_share", 0.5}}},
      {"brokers", {{{"node", 1}, {"cpu", 0.2}}, {{"node", 2}, {"cpu", 0.4}}}},
      {"workloads",
       {{{"name", "writes"}, {"loop", "closed"}, {"lanes", 1}, {"backpressure_ns", 8'000'000'000}},
        {{"name", "reads"}, {"lanes", 1}}}}};
  for (int second = -5; second < 9; ++second) {
    const double cpu = second >= 0 && second < 5 ? 0.3 : 1.9;  // what counts is measure
    trial["machine"].push_back({{"t_s", second}, {"generator_cpu", cpu}});
  }
  return trial;
}

std::map<std::string, std::string> limits(const nlohmann::json& trial) {
  return connection_limits(View(trial));
}

TEST_CASE("a closed loop is connection-limited where it waited and no core was full") {
  const auto found = limits(waiting_trial());
  REQUIRE(found.size() == 1);
  CHECK(found.at("writes") ==
        "its 1 lane waited for answers 80 % of the time, while 50 % of this machine's cores were "
        "idle, the harness used 0.30 cores and the busiest broker 0.40: a broker serves a "
        "connection's requests in turn, so more lanes may find more");
}

TEST_CASE("a loop is not connection-limited where a core was full, or it did not wait") {
  const auto none = [](const char* where, const nlohmann::json& value) {
    auto trial = waiting_trial();
    trial[nlohmann::json::json_pointer(where)] = value;
    return limits(trial).empty();
  };
  CHECK_FALSE(none("/workloads/0/name", "other"));
  CHECK(none("/workloads/0/loop", "open"));
  CHECK(none("/workloads/0/backpressure_ns", 4'900'000'000));
  CHECK(none("/workloads/0/lanes", 2));  // each of which waited less than half of the time
  CHECK(none("/workloads/0/client_library", "2.16.0"));
  CHECK(none("/generator/busy_share", 0.86));
  CHECK(none("/brokers/0/cpu", 1000));
  CHECK(none("/machine/7/generator_cpu", 9.5));  // of a second in measure: the lanes were busy
  CHECK_FALSE(none("/machine/2/generator_cpu", 9.5));
}

TEST_CASE("what the record does not tell limits no loop by its connections") {
  for (const char* absent : {"generator", "brokers", "machine", "phases", "workloads"}) {
    INFO(absent);
    auto trial = waiting_trial();
    trial.erase(absent);
    CHECK(limits(trial).empty());
  }
}

}  // namespace
}  // namespace seatrial::judge
