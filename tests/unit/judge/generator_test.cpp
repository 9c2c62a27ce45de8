// When a load counts as limited by its generator, and a trial as disturbed by others.
#include "judge/generator.hpp"

#include <algorithm>
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

}  // namespace
}  // namespace seatrial::judge
