// What a lane in another process has measured arrives in the harness's recorder as if it had been
// recorded there.
#include "workers/lane_news.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::workers {
namespace {

using measure::LaneRecorder;
using measure::Metric;
using measure::Series;
using nlohmann::json;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t hour_ns = 3'600 * second_ns;

void work(LaneRecorder& recorder) {
  for (std::int64_t i = 0; i < 500; ++i) {
    const std::int64_t at = i * 10'000'000;
    recorder.intended(at);
    recorder.acked(at, at + 2000, at + 1'000'000 + i * 1000);
  }
  recorder.failed(second_ns, second_ns + 5000, 2 * second_ns);
  recorder.censored(second_ns, 0, 3 * second_ns);
  recorder.acked(0, 1000, 3 * hour_ns);                     // above the range
  recorder.acked(second_ns, second_ns - 7, second_ns + 9);  // impossible: sent before it was due
  recorder.consumed(second_ns, second_ns + 77'000, true);
  recorder.publish();
}

void same(Series& a, Series& b) {
  REQUIRE(a.intervals().size() == b.intervals().size());
  for (const auto& [second, interval] : a.intervals()) {
    const measure::SecondDelta& one = interval.value;
    const auto& other = b.intervals().at(second).value;
    CHECK(one.intended == other.intended);
    CHECK(one.acked == other.acked);
    CHECK(one.failed == other.failed);
    CHECK(one.consumed == other.consumed);
    CHECK(one.done_acked == other.done_acked);
    CHECK(one.done_consumed == other.done_consumed);
    for (const auto metric :
         {Metric::response, Metric::service, Metric::lateness, Metric::end_to_end}) {
      REQUIRE((one.of(metric) == nullptr) == (other.of(metric) == nullptr));
      if (one.of(metric) == nullptr) continue;
      CHECK(*one.of(metric) == *other.of(metric));
      CHECK(one.of(metric)->overflow() == other.of(metric)->overflow());
      CHECK(one.of(metric)->impossible() == other.of(metric)->impossible());
    }
  }
}

TEST_CASE("seconds and totals of a lane elsewhere are those of a lane here") {
  LaneRecorder here(0, 4 * second_ns), there(0, 4 * second_ns), received(0, 4 * second_ns);
  work(here);
  work(there);
  auto news = read_news(json::parse(to_json(LaneNews{.seconds = there.drain()}).dump()));
  received.add(std::move(news.seconds));
  add_totals(json::parse(totals_of(there).dump()), received);
  Series direct, carried;
  for (auto& delta : here.drain()) direct.add(std::move(delta));
  for (auto& delta : received.drain()) carried.add(std::move(delta));
  same(direct, carried);
  CHECK(received.censored_count() == here.censored_count());
  CHECK(received.impossible_count() == here.impossible_count());
  CHECK(here.impossible_count() > 0);
  for (const auto metric :
       {Metric::response, Metric::service, Metric::lateness, Metric::end_to_end}) {
    CHECK(received.total(metric) == here.total(metric));
    CHECK(received.total(metric).overflow() == here.total(metric).overflow());
  }
  CHECK(here.total(Metric::response).overflow() == 1);
  CHECK_FALSE(received.plans_handovers());
}

TEST_CASE("of a lane elsewhere it is known how late it was beyond its own plan") {
  LaneRecorder there(0, 4 * second_ns), received(0, 4 * second_ns);
  there.plan_handovers();
  there.handed(1'000, 200'000, 5'200'000);
  add_totals(json::parse(totals_of(there).dump()), received);
  CHECK(received.plans_handovers());
  CHECK(received.overrun() == there.overrun());
}

TEST_CASE("spans without acks, errors and operations arrive whole") {
  LaneNews sent;
  sent.acks.spans = {{.index = 2, .from_ns = 5, .to_ns = INT64_MAX}};
  sent.acks.errors = {{.index = 1, .name = "_TIMED_OUT", .step = 7, .count = 3}};
  sent.sends = {{.lane = LaneId(1),
                 .slot = 4,
                 .stream = StreamId(9),
                 .seq = Seq(UINT64_MAX),
                 .sent_ns = 11,
                 .done_ns = 12,
                 .end = ledger::SendOperation::End::acked,
                 .offset = 13}};
  CHECK_FALSE(sent.empty());
  const auto got = read_news(json::parse(to_json(sent).dump()));
  CHECK(to_json(got) == to_json(sent));
  CHECK(got.acks.errors.at(0).name == "_TIMED_OUT");
  CHECK(got.sends.at(0).seq == Seq(UINT64_MAX));
  CHECK(LaneNews{}.empty());
}

}  // namespace
}  // namespace seatrial::workers
