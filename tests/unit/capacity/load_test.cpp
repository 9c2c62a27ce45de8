// Rates scaled together, and which loads cannot be.
#include "capacity/load.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/capacity/plans.hpp"

namespace seatrial::capacity {
namespace {

using by_hand::trial_of;
using test::contains;

TEST_CASE("all producers are scaled by one factor, and nobody else", "[capacity]") {
  const auto base = trial_of();
  const auto searched = searched_in(base);
  REQUIRE(searched);
  CHECK(searched->per_s == Approx(4000));
  CHECK(searched->message_bytes == Approx(1280));
  const auto trial = at_load(base, *searched, {Phase::bisect, 40'000});
  CHECK(trial.workloads[0].options.rate("rate").per_second() == Approx(30'000));
  CHECK(trial.workloads[1].options.rate("rate").per_second() == Approx(10'000));
  CHECK(trial.workloads[0].options.properties("properties") ==
        base.workloads[0].options.properties("properties"));
  CHECK(trial.workloads[2].options.text("topic") == "orders");
  CHECK(trial.phases.warmup.at_most == seconds(10));
  CHECK(trial.phases.measure == seconds(10));
}

TEST_CASE("trials grow longer from phase to phase", "[capacity]") {
  const auto base = trial_of();
  CHECK(measure_of(base, Phase::bracket) == seconds(5));
  CHECK(measure_of(base, Phase::retest) == seconds(20));
  CHECK(measure_of(base, Phase::soak) == seconds(40));
  const auto brief = trial_of({"phases.measure=400ms"});
  CHECK(measure_of(brief, Phase::bracket) == milliseconds(400));
  CHECK(length_of(base, Phase::bracket, false).usual_s <
        length_of(base, Phase::bracket, false).most_s);
  CHECK(length_of(base, Phase::bracket, true).most_s >
        length_of(base, Phase::bracket, false).most_s);
}

TEST_CASE("rates are written so that rounding is small", "[capacity]") {
  CHECK(rate_text(8000.4) == "8000/s");
  CHECK(rate_text(12.5) == "750/min");
  CHECK(rate_text(400) == "400/s");
  CHECK(rate_text(0.001) == "1/min");
}

TEST_CASE("a load without one rate is refused", "[capacity]") {
  const auto why = [](const std::vector<std::string>& settings) {
    const auto searched = searched_in(trial_of(settings));
    REQUIRE_FALSE(searched);
    return searched.error().message;
  };
  CHECK(contains(why({"workloads.produce.rate=max"}), "closed loop"));
  CHECK(contains(why({"workloads.produce.count=100"}), "leave count out"));
  CHECK(contains(why({"workloads.more.arrivals=ramp(10/s, 30s)"}), "changes over time"));
  const auto silent = trial_of({}, R"(name: silent
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 2, replication: 1}}
workloads: {read: {kind: consumer, topic: orders}}
phases: {warmup: 5s, measure: 10s}
)");
  CHECK_FALSE(searched_in(silent));
}

}  // namespace
}  // namespace seatrial::capacity
