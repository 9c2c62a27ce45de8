// Which sample goes where: metric, second, phase; and that no sample is lost on the way to the
// runner.
#include "measure/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using seatrial::measure::Histogram;
using seatrial::measure::LaneRecorder;
using seatrial::measure::Metric;
using seatrial::measure::RunSent;
using seatrial::measure::SecondDelta;
using seatrial::measure::Series;

namespace {

constexpr std::int64_t one_second_ns = 1'000'000'000;
using seatrial::test::ms;
constexpr std::int64_t start = 5000 * one_second_ns + 123'456;  // of measure
constexpr std::int64_t end = start + 30 * one_second_ns;

Series series_of(LaneRecorder& recorder) {
  recorder.publish();
  Series series;
  for (SecondDelta& delta : recorder.drain()) series.add(std::move(delta));
  return series;
}

std::uint64_t samples(const Series& series, std::int64_t second, Metric metric) {
  const auto found = series.intervals().find(second);
  if (found == series.intervals().end() || found->second.value.of(metric) == nullptr) return 0;
  return found->second.value.of(metric)->count();
}

bool holds(const Histogram& histogram, std::int64_t value) {
  return histogram.count() == 1 && histogram.bucket_of(value).count == 1;
}

}  // namespace

TEST_CASE("recorder: response, service and lateness run between their own moments") {
  LaneRecorder recorder(start, end);
  recorder.acked(start, start + 3 * ms, start + 10 * ms);
  CHECK(holds(recorder.total(Metric::response), 10 * ms));
  CHECK(holds(recorder.total(Metric::service), 7 * ms));
  CHECK(holds(recorder.total(Metric::lateness), 3 * ms));
  CHECK(recorder.total(Metric::end_to_end).empty());
  CHECK(recorder.censored_count() == 0);
}

TEST_CASE("recorder: a lane that stalls shows in response and lateness, not in service") {
  LaneRecorder recorder(start, end);
  // 1000/s; the lane sleeps from 100 ms to 600 ms and then catches up; the broker answers within 1
  // ms.
  for (std::int64_t i = 0; i < 1000; ++i) {
    const std::int64_t intended = start + i * ms;
    const std::int64_t sent = i < 100 ? intended : std::max(intended, start + 600 * ms);
    recorder.acked(intended, sent, sent + ms);
  }
  CHECK(recorder.total(Metric::response).value_at(99) > 480 * ms);
  CHECK(recorder.total(Metric::lateness).value_at(99) > 480 * ms);
  CHECK(recorder.total(Metric::service).max() < 2 * ms);
}

TEST_CASE("recorder: a sample belongs to the second of its intended time") {
  LaneRecorder recorder(start, end);
  recorder.intended(start + one_second_ns - 1);
  recorder.acked(start + one_second_ns - 1, start + 4 * one_second_ns, start + 7 * one_second_ns);
  const Series series = series_of(recorder);
  REQUIRE(series.intervals().size() == 2);
  CHECK(series.intervals().at(0).value.intended == 1);
  CHECK(series.intervals().at(0).value.acked == 1);
  CHECK(series.intervals().at(0).value.done_acked == 0);
  CHECK(samples(series, 0, Metric::response) == 1);
  CHECK(samples(series, 0, Metric::service) == 1);
  CHECK(samples(series, 0, Metric::lateness) == 1);
  CHECK(series.intervals().at(7).value.acked == 0);
  CHECK(series.intervals().at(7).value.done_acked == 1);
  CHECK(samples(series, 7, Metric::response) == 0);
}

TEST_CASE("recorder: warmup is negative seconds, and stays out of the whole") {
  LaneRecorder recorder(start, end);
  recorder.intended(start - 1);
  recorder.acked(start - 1, start, start + ms);  // warmup, though acked in measure
  recorder.acked(start - one_second_ns - 1, start, start + ms);
  recorder.acked(end, end, end + ms);  // after measure
  recorder.failed(start - 1, start, start + ms);
  recorder.censored(start - 1, start, start + ms);
  recorder.consumed(start - 1, start + ms, true);
  for (const Metric m : {Metric::response, Metric::service, Metric::lateness, Metric::end_to_end}) {
    CHECK(recorder.total(m).empty());
  }
  CHECK(recorder.censored_count() == 0);
  recorder.acked(start, start, start + ms);
  recorder.acked(end - 1, end, end + 5 * one_second_ns);
  CHECK(recorder.total(Metric::response).count() == 2);
  const Series series = series_of(recorder);
  CHECK(series.intervals().at(-1).value.intended == 1);
  CHECK(series.intervals().at(-1).value.acked == 1);
  CHECK(series.intervals().at(-2).value.acked == 1);
  CHECK(series.intervals().at(29).value.acked == 1);
  CHECK(series.intervals().at(30).value.acked == 1);
  CHECK(samples(series, -1, Metric::response) == 3);
}

TEST_CASE("recorder: what was never resolved counts at its age") {
  LaneRecorder recorder(start, end);
  recorder.censored(start, start + 2 * ms, start + 40 * ms);
  CHECK(holds(recorder.total(Metric::response), 40 * ms));
  CHECK(holds(recorder.total(Metric::service), 38 * ms));
  CHECK(holds(recorder.total(Metric::lateness), 2 * ms));
  CHECK(recorder.censored_count() == 1);
  CHECK(series_of(recorder).intervals().at(0).value.unknown == 1);
}

TEST_CASE("recorder: what was never sent is late by its age, and not unknown") {
  LaneRecorder recorder(start, end);
  recorder.censored(start, 0, start + 40 * ms);
  CHECK(holds(recorder.total(Metric::response), 40 * ms));
  CHECK(holds(recorder.total(Metric::lateness), 40 * ms));
  CHECK(recorder.total(Metric::service).empty());
  CHECK(recorder.censored_count() == 1);
  CHECK(series_of(recorder).intervals().at(0).value.unknown == 0);
}

TEST_CASE("recorder: of a lane that hands over late by plan, what is later than the plan") {
  LaneRecorder recorder(start, end);
  recorder.acked(start, start + 3 * ms, start + 10 * ms);
  CHECK(holds(recorder.overrun(), 3 * ms));  // without a plan, all of lateness
  LaneRecorder planning(start, end);
  planning.plan_handovers();
  CHECK(planning.overrun().empty());
  planning.handed(start, start + 2 * ms, start + 7 * ms);
  planning.acked(start, start + 7 * ms, start + 10 * ms);
  CHECK(holds(planning.total(Metric::lateness), 7 * ms));
  CHECK(holds(planning.overrun(), 5 * ms));
  SECTION("handed over before its time it is not late") {
    planning.handed(start, start + 2 * ms, start + ms);
    CHECK(planning.overrun().count() == 2);
    CHECK(planning.overrun().bucket_of(0).count == 1);
  }
  SECTION("outside of measure nothing counts") {
    planning.handed(start - 1, start, start + 9 * ms);
    planning.handed(end, end, end + 9 * ms);
    CHECK(planning.overrun().count() == 1);
  }
  SECTION("never handed over it is late by its age") {
    planning.censored(start, 0, start + 50 * ms);
    CHECK(planning.overrun().count() == 2);
    CHECK(planning.overrun().value_at(100) >= 50 * ms);
  }
  SECTION("another process tells it, too") {
    LaneRecorder here(start, end);
    here.add_overrun(planning.overrun());
    CHECK(holds(here.overrun(), 5 * ms));
  }
}

TEST_CASE("recorder: a failure took at least until it was told") {
  LaneRecorder recorder(start, end);
  recorder.failed(start, start + ms, start + 30 * one_second_ns);
  CHECK(holds(recorder.total(Metric::response), 30 * one_second_ns));
  CHECK(recorder.censored_count() == 1);
  const Series series = series_of(recorder);
  CHECK(series.intervals().at(0).value.failed == 1);
  CHECK(series.intervals().at(0).value.acked == 0);
  CHECK(series.intervals().count(30) == 0);
}

TEST_CASE("recorder: acks=0 has a lateness and nothing else") {
  LaneRecorder recorder(start, end);
  recorder.sent(start, start + 2 * ms);
  CHECK(holds(recorder.total(Metric::lateness), 2 * ms));
  CHECK(recorder.total(Metric::response).empty());
  CHECK(recorder.total(Metric::service).empty());
}

TEST_CASE("recorder: end to end counts first deliveries, arrivals count all") {
  LaneRecorder recorder(start, end);
  recorder.consumed(start, start + one_second_ns + ms, true);
  recorder.consumed(start, start + one_second_ns + 9 * ms, false);
  CHECK(holds(recorder.total(Metric::end_to_end), one_second_ns + ms));
  const Series series = series_of(recorder);
  CHECK(series.intervals().at(0).value.consumed == 1);
  CHECK(series.intervals().at(0).value.done_consumed == 0);
  CHECK(series.intervals().at(1).value.done_consumed == 2);
}

TEST_CASE("recorder: a negative latency is counted as impossible, in any phase") {
  LaneRecorder recorder(start, end);
  recorder.acked(start + ms, start + 2 * ms, start);  // response and service below zero
  recorder.consumed(start - one_second_ns, start - 2 * one_second_ns, true);
  CHECK(recorder.impossible_count() == 3);
  CHECK(recorder.total(Metric::response).impossible() == 1);
  recorder.publish();
  CHECK(recorder.impossible_count() == 3);
  recorder.acked(start, start - 1, start + ms);
  CHECK(recorder.impossible_count() == 4);
}

TEST_CASE("recorder: a damaged intended time does no harm") {
  LaneRecorder recorder(start, end);
  recorder.consumed(INT64_MIN, start, true);
  recorder.consumed(INT64_MAX, start, true);
  recorder.consumed(start, start + ms, true);
  CHECK(recorder.total(Metric::end_to_end).count() == 1);
  CHECK(series_of(recorder).intervals().size() >= 2);
}

TEST_CASE("recorder: publishing is due once a second of the trial, and then only once") {
  LaneRecorder recorder(start, end);
  recorder.publish_if_due(start);
  recorder.acked(start, start, start + ms);
  recorder.publish_if_due(start + one_second_ns - 1);
  CHECK(recorder.drain().empty());
  recorder.publish_if_due(start + one_second_ns);
  CHECK(recorder.drain().size() == 1);
  recorder.publish_if_due(start + one_second_ns + 1);
  CHECK(recorder.drain().empty());
}

TEST_CASE("recorder: the deltas of all publications add up to the totals") {
  LaneRecorder recorder(start, end);
  Series series;
  std::mt19937_64 engine(3);
  Histogram expected = Histogram::coarse();
  std::uint64_t acked = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t intended =
        start + static_cast<std::int64_t>(engine() % (30 * one_second_ns));
    const std::int64_t sent = intended + static_cast<std::int64_t>(engine() % (20 * ms));
    const std::int64_t done = sent + static_cast<std::int64_t>(engine() >> (20 + engine() % 30));
    recorder.acked(intended, sent, done);
    expected.record(done - intended);
    ++acked;
    if (engine() % 1000 != 0) continue;
    recorder.publish();
    if (engine() % 2 != 0) continue;
    for (SecondDelta& delta : recorder.drain()) series.add(std::move(delta));
  }
  recorder.publish();
  for (SecondDelta& delta : recorder.drain()) series.add(std::move(delta));
  CHECK(series.merged(Metric::response, [](std::int64_t) { return true; }).histogram == expected);
  CHECK(recorder.total(Metric::response).count() == acked);
  std::uint64_t by_intended = 0;
  std::uint64_t by_arrival = 0;
  for (const auto& [second, interval] : series.intervals()) {
    const SecondDelta& delta = interval.value;
    CHECK(delta.second == second);
    by_intended += delta.acked;
    by_arrival += delta.done_acked;
  }
  CHECK(by_intended == acked);
  CHECK(by_arrival == acked);
}

TEST_CASE("recorder: where measure ends within a second, only its part counts for the whole") {
  LaneRecorder recorder(start, start + 2 * one_second_ns + 500 * ms);
  for (std::int64_t i = 0; i < 40; ++i) {
    const std::int64_t at = start + i * 100 * ms;
    recorder.acked(at, at, at + ms);
    if (i == 22) recorder.publish();
  }
  CHECK(recorder.total(Metric::response).count() == 25);
  const Series series = series_of(recorder);
  CHECK(samples(series, 2, Metric::response) == 10);
  CHECK(series.intervals().at(2).value.acked == 10);
  CHECK(recorder.total(Metric::response).count() == 25);  // drained or not
}

TEST_CASE("recorder: a run is as its messages one by one") {
  LaneRecorder one(start, start + 1500 * ms);
  LaneRecorder run(start, start + 1500 * ms);
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 300; ++i) times.push_back(start - one_second_ns + i * 10 * ms);
  const auto sent = GENERATE_COPY(RunSent{.at_ns = times.back() + ms}, RunSent{.late_ns = 2 * ms});
  const std::int64_t done = times.back() + 8 * ms;
  run.intended_run(times);
  run.acked_run(times, sent, done);
  run.sent_run(times, sent);
  for (const std::int64_t at : times) {
    one.intended(at);
    one.acked(at, sent.of(at), done);
    one.sent(at, sent.of(at));
  }
  for (const Metric m : {Metric::response, Metric::service, Metric::lateness}) {
    CHECK(one.total(m) == run.total(m));
    CHECK_FALSE(run.total(m).empty());
  }
  const Series ones = series_of(one);
  const Series runs = series_of(run);
  REQUIRE(runs.intervals().size() == ones.intervals().size());
  for (const auto& [second, interval] : ones.intervals()) {
    const SecondDelta& delta = interval.value;
    const SecondDelta& other = runs.intervals().at(second).value;
    CHECK(other.intended == delta.intended);
    CHECK(other.acked == delta.acked);
    CHECK(other.done_acked == delta.done_acked);
    CHECK(samples(runs, second, Metric::lateness) == samples(ones, second, Metric::lateness));
  }
}

TEST_CASE("recorder: another process's seconds and totals are taken over") {
  LaneRecorder theirs(start, end);
  theirs.acked(start, start, start + ms);
  theirs.censored(start, start, start + 2 * ms);
  theirs.acked(start, start, start - ms);
  theirs.publish();
  LaneRecorder ours(start, end);
  ours.acked(start, start, start + 3 * ms);
  ours.publish();
  ours.add(theirs.drain());
  ours.add_total(Metric::response, theirs.total(Metric::response));
  ours.add_counts(theirs.censored_count(), theirs.impossible_count());
  CHECK(ours.total(Metric::response).count() == 3);
  CHECK(ours.censored_count() == 1);
  CHECK(ours.impossible_count() == 2);
  const Series series = series_of(ours);
  CHECK(series.intervals().at(0).value.acked == 3);
  CHECK(series.intervals().at(0).value.unknown == 1);
  CHECK(samples(series, 0, Metric::response) == 3);
}

TEST_CASE("recorder: seconds count from the origin, and measure begins when somebody says so") {
  LaneRecorder recorder(start);
  for (int second = -2; second < 2; ++second) {
    const std::int64_t at = start + second * one_second_ns;
    recorder.acked(at, at, at + ms);
  }
  CHECK(recorder.total(Metric::response).count() == 0);
  recorder.set_measure(start + 3 * one_second_ns, start + 5 * one_second_ns + 500 * ms);
  for (const std::int64_t late :
       {2 * one_second_ns, 3 * one_second_ns - 1, 5 * one_second_ns + 500 * ms}) {
    recorder.acked(start + late, start + late, start + late + ms);
  }
  CHECK(recorder.total(Metric::response).count() == 0);
  recorder.acked(start + 3 * one_second_ns, start + 3 * one_second_ns, start + 4 * one_second_ns);
  recorder.acked(start + 5 * one_second_ns + 499 * ms, start + 6 * one_second_ns,
                 start + 6 * one_second_ns);
  CHECK(recorder.total(Metric::response).count() == 2);
  const Series series = series_of(recorder);
  CHECK(series.intervals().begin()->first == -2);
  CHECK(series.intervals().at(3).value.acked == 1);
  CHECK(series.intervals().at(5).value.acked == 2);
  CHECK_THROWS_AS(recorder.set_measure(start + 1, end), seatrial::InvariantBroken);
}

TEST_CASE("recorder: the origin can be set until the first sample") {
  LaneRecorder recorder(0, 1);
  recorder.publish_if_due(end);
  recorder.set_origin(start);
  recorder.set_measure(start, end);
  recorder.acked(start, start, start + ms);
  CHECK(recorder.total(Metric::response).count() == 1);
  CHECK_THROWS_AS(recorder.set_origin(start), seatrial::InvariantBroken);
  CHECK_THROWS_AS(LaneRecorder(end, start), seatrial::InvariantBroken);
  recorder.publish_if_due(start + one_second_ns);
  const auto deltas = recorder.drain();
  REQUIRE(deltas.size() == 1);
  CHECK(deltas.front().second == 0);
}

TEST_CASE("recorder: a lane publishes while the runner drains, and nothing is lost") {
  LaneRecorder recorder(start, end);
  constexpr std::int64_t messages = 200'000;
  std::atomic<bool> ended{false};
  std::thread lane([&] {
    for (std::int64_t i = 0; i < messages; ++i) {
      const std::int64_t intended = start + i * 100'000;
      recorder.intended(intended);
      recorder.acked(intended, intended + 1000, intended + ms);
      recorder.publish_if_due(intended);
      if (i % 997 == 0) recorder.publish();
    }
    recorder.publish();
    ended = true;
  });
  Series series;
  const auto take = [&] {
    for (SecondDelta& delta : recorder.drain()) series.add(std::move(delta));
  };
  while (!ended) {
    take();
    std::this_thread::yield();
  }
  lane.join();
  take();
  std::uint64_t intended = 0;
  for (const auto& [second, at] : series.intervals()) intended += at.value.intended;
  CHECK(intended == messages);
  CHECK(series.merged(Metric::response, [](std::int64_t) { return true; }).histogram.count() ==
        messages);
  CHECK(recorder.total(Metric::response).count() == messages);
}

TEST_CASE("series: lanes add up by second, and changes are told once") {
  Series series;
  for (int lane = 0; lane < 3; ++lane) {
    LaneRecorder recorder(start, end);
    recorder.acked(start, start, start + (lane + 1) * ms);
    recorder.acked(start + 2 * one_second_ns, start + 2 * one_second_ns,
                   start + 2 * one_second_ns + ms);
    recorder.publish();
    for (SecondDelta& delta : recorder.drain()) series.add(std::move(delta));
  }
  CHECK(series.intervals().at(0).value.acked == 3);
  CHECK(samples(series, 0, Metric::response) == 3);
  CHECK(series.take_changed() == std::vector<std::int64_t>{0, 2});
  CHECK(series.take_changed().empty());
  SecondDelta late;
  late.second = 2;
  late.unknown = 1;
  series.add(std::move(late));
  CHECK(series.take_changed() == std::vector<std::int64_t>{2});
  CHECK(series.intervals().at(2).value.unknown == 1);
  CHECK(series.intervals().at(2).value.acked == 3);
}

TEST_CASE("series: merged holds the samples of the chosen seconds only") {
  LaneRecorder recorder(start, end);
  for (std::int64_t second = 0; second < 10; ++second) {
    const std::int64_t intended = start + second * one_second_ns;
    recorder.acked(intended, intended, intended + (second == 4 ? one_second_ns : ms));
  }
  const Series series = series_of(recorder);
  const auto outside = [](std::int64_t second) { return second != 4; };
  CHECK(series.merged(Metric::response, outside).histogram.count() == 9);
  CHECK(series.merged(Metric::response, outside).histogram.max() < 2 * ms);
  CHECK(series.merged(Metric::end_to_end, outside).histogram.empty());
}

TEST_CASE("recorder: a run counts as each of its messages does") {
  std::mt19937_64 random(3);
  LaneRecorder singly(start, end), by_runs(start, end);
  for (int round = 0; round < 400; ++round) {
    // Across seconds, and the beginning and the end of the measure phase; at times all at once.
    const std::int64_t around = round % 3 == 0   ? start
                                : round % 3 == 1 ? end
                                                 : start + 7 * one_second_ns;
    const std::int64_t gap = round % 5 == 0 ? 0 : static_cast<std::int64_t>(random() % (10 * ms));
    std::vector<std::int64_t> intended(1 + random() % 500);
    std::int64_t at = around - static_cast<std::int64_t>(random() % one_second_ns);
    for (auto& time : intended) time = std::exchange(at, at + gap);
    // Some are answered before they were intended, which is a defect that is counted.
    const std::int64_t some = intended[random() % intended.size()];
    const RunSent sent = round % 2 == 0
                             ? RunSent{.at_ns = some}
                             : RunSent{.late_ns = static_cast<std::int64_t>(random() % (5 * ms))};
    const std::int64_t done = some + static_cast<std::int64_t>(random() % (2 * one_second_ns));
    by_runs.intended_run(intended);
    by_runs.acked_run(intended, sent, done);
    by_runs.sent_run(intended, sent);
    for (const auto time : intended) {
      singly.intended(time);
      singly.acked(time, sent.of(time), done);
      singly.sent(time, sent.of(time));
    }
  }
  CHECK(singly.impossible_count() > 0);
  CHECK(by_runs.impossible_count() == singly.impossible_count());
  const Series expected = series_of(singly), found = series_of(by_runs);
  for (const auto metric : {Metric::response, Metric::service, Metric::lateness}) {
    CHECK(by_runs.total(metric) == singly.total(metric));
    CHECK(by_runs.total(metric).count() > 1000);
  }
  REQUIRE(found.intervals().size() == expected.intervals().size());
  for (const auto& [second, interval] : expected.intervals()) {
    const SecondDelta& delta = interval.value;
    const SecondDelta& other = found.intervals().at(second).value;
    CHECK(other.intended == delta.intended);
    CHECK(other.acked == delta.acked);
    CHECK(other.done_acked == delta.done_acked);
    for (const auto metric : {Metric::response, Metric::service, Metric::lateness}) {
      REQUIRE((other.of(metric) == nullptr) == (delta.of(metric) == nullptr));
      if (delta.of(metric) != nullptr) CHECK(*other.of(metric) == *delta.of(metric));
    }
  }
}
