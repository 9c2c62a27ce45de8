// When a load counts as steady: cold brokers do not, calm ones do, whatever the arrivals.
#include "judge/steady.hpp"

#include "support/catch.hpp"
#include "support/values.hpp"

namespace seatrial::judge {
namespace {

using measure::Metric;
using measure::SecondDelta;

using seatrial::test::ms;

// A load of which each second is told: what fell due, what was settled, and its latency.
class Script {
 public:
  explicit Script(Loop loop = Loop::open) { load_.loop = loop; }
  Script& second(std::uint64_t due, std::uint64_t settled, std::int64_t p50_ns = 5 * ms,
                 std::int64_t p99_ns = 20 * ms) {
    work_.due += due;
    work_.settled += settled;
    work_.least_open = work_.due - std::min(work_.due, work_.settled);
    load_.work[next_] = work_;
    SecondDelta delta;
    delta.second = next_++;
    const Metric metric = load_.loop == Loop::reading ? Metric::end_to_end : Metric::response;
    auto& histogram = delta.latency[static_cast<int>(metric)];
    histogram = std::make_unique<measure::Histogram>(measure::Histogram::coarse());
    for (std::uint64_t i = 0; i < settled; ++i)
      histogram->record(i * 100 < settled * 97 ? p50_ns : p99_ns);
    series_.add(std::move(delta));
    return *this;
  }
  Script& seconds(int n, std::uint64_t due, std::uint64_t settled, std::int64_t p50_ns = 5 * ms,
                  std::int64_t p99_ns = 20 * ms) {
    for (int i = 0; i < n; ++i) second(due, settled, p50_ns, p99_ns);
    return *this;
  }
  std::string why() {
    load_.series = &series_;
    const auto found = unsteady(load_, next_ - 1);
    return found ? found->why + (found->hopeless ? " (hopeless)" : "") : "steady";
  }
  Load& load() {
    load_.series = &series_;
    return load_;
  }

 private:
  std::int64_t next_ = -5;
  Work work_;
  Load load_;
  measure::Series series_;
};

TEST_CASE("a load that is settled as it falls due, with the same latency, is steady") {
  CHECK(Script().seconds(5, 3000, 3000).why() == "steady");
  CHECK(Script().seconds(4, 3000, 3000).why() ==
        "12,000 messages in 4 s show no trend: two halves of 2 s with 20 in each do");
}

TEST_CASE("a backlog that is being worked off is no steady state") {
  Script cold;
  cold.second(3000, 600).seconds(4, 3000, 3000, 800 * ms);
  CHECK(cold.why() == "2,400 messages wait to be settled, 800 ms of its load");
  cold.seconds(2, 3000, 4200, 100 * ms).seconds(2, 3000, 3000);
  CHECK(cold.why() == "the 99th percentile of response goes from 801 ms to 100 ms");
  cold.second(3000, 3000);
  CHECK(cold.why() == "the median of response goes from 100 ms to 5.01 ms");
  cold.seconds(3, 3000, 3000);
  CHECK(cold.why() == "steady");
}

TEST_CASE("what keeps falling behind is not steady although the backlog is small yet") {
  CHECK(Script().seconds(3, 3000, 3000).seconds(3, 3000, 2700).why() ==
        "5,400 of 6,000 messages that fall due in 2 s are settled");
}

TEST_CASE("percentiles may not drift, in either direction, beyond what noise does") {
  CHECK(Script().seconds(3, 3000, 3000, 5 * ms).seconds(3, 3000, 3000, 7 * ms).why() == "steady");
  CHECK(Script().seconds(3, 3000, 3000, 5 * ms).seconds(3, 3000, 3000, 9 * ms).why() ==
        "the median of response goes from 5.01 ms to 9.04 ms");
  CHECK(Script()
            .seconds(3, 3000, 3000, 5 * ms, 20 * ms)
            .seconds(3, 3000, 3000, 5 * ms, 44 * ms)
            .why() == "steady");
  CHECK(Script()
            .seconds(3, 3000, 3000, 5 * ms, 90 * ms)
            .seconds(3, 3000, 3000, 5 * ms, 20 * ms)
            .why() == "the 99th percentile of response goes from 90.2 ms to 20.1 ms");
  // Too few for a 99th percentile.
  CHECK(Script().seconds(3, 100, 100, 5 * ms, 90 * ms).seconds(3, 100, 100, 5 * ms).why() ==
        "steady");
}

TEST_CASE("a slow load is looked at for longer, by the work that it has done") {
  Script slow;
  slow.seconds(10, 3, 3);
  CHECK(slow.why() == "30 messages in 10 s show no trend: two halves of 2 s with 20 in each do");
  slow.seconds(5, 3, 3);
  CHECK(slow.why() == "steady");
}

TEST_CASE("a client that lingers has that much waiting") {
  Script lingers;
  lingers.second(1000, 100).seconds(6, 1000, 1000);
  CHECK(lingers.why() == "900 messages wait to be settled, 900 ms of its load");
  lingers.load().linger = std::chrono::milliseconds(500);
  CHECK(lingers.why() == "steady");
}

TEST_CASE("a rising load is steady where it is settled as it falls due") {
  Script ramp;
  for (std::uint64_t rate = 500; rate < 3000; rate += 250) ramp.second(rate, rate);
  CHECK(ramp.why() == "steady");
}

TEST_CASE("messages in bursts count by the moments at which none waits") {
  Script bursts;
  bursts.seconds(6, 1000, 1000);
  // Sampled with the next burst just due.
  bursts.load().work.for_each([](std::int64_t, Work& work) { work.due += 1000; });
  CHECK(bursts.why() == "steady");
}

TEST_CASE("a closed loop is steady by its rate and its latency") {
  Script cold(Loop::closed);
  for (std::uint64_t rate = 10'000; rate < 60'000; rate += 10'000) cold.second(rate, rate);
  CHECK(cold.why() == "its rate goes from 25,000/s to 45,000/s");
  cold.seconds(5, 50'000, 50'000);
  CHECK(cold.why() == "steady");
}

TEST_CASE("with acks=0 nothing is answered, and no latency is looked at") {
  Script silent;
  silent.seconds(3, 3000, 3000, 5 * ms).seconds(3, 3000, 3000, 50 * ms);
  silent.load().answered = false;
  CHECK(silent.why() == "steady");
}

TEST_CASE("what reads has to catch up, unless it never will") {
  Script catches_up(Loop::reading);
  catches_up.seconds(2, 3000, 0).seconds(4, 3000, 4000);
  CHECK(catches_up.why() == "2,000 messages wait to be read, 667 ms of its load");
  Script behind(Loop::reading);
  behind.seconds(6, 1000, 300);
  CHECK(behind.why() == "it falls behind: it reads 300/s of 1,000/s (hopeless)");
  CHECK(Script(Loop::reading).seconds(6, 1000, 1000).why() == "steady");
  CHECK(Script(Loop::reading).seconds(3, 900, 900, 5 * ms).seconds(3, 900, 900, 15 * ms).why() ==
        "the median of end to end goes from 5.01 ms to 15 ms");
}

TEST_CASE("after a fault it is the backlog that must be gone, not the first ack that must come") {
  Script faulty;
  faulty.seconds(10, 1000, 1000).seconds(3, 1000, 0).second(1000, 100);
  CHECK(backlog_gone(faulty.load(), 4) == 4);
  CHECK(!backlog_gone(faulty.load(), 8));
  faulty.seconds(2, 1000, 2500).second(1000, 1600);
  CHECK(backlog_gone(faulty.load(), 8) == 11);
  Script closed(Loop::closed);
  CHECK(backlog_gone(closed.load(), 8) == 8);
}

}  // namespace
}  // namespace seatrial::judge
