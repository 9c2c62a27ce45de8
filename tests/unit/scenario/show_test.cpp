// `show:` is a list of metrics, checked as those of expectations are.
#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;
using test::contains;

namespace {

scenario::Outcome showing(const std::string& show) {
  return test::load(
      "name: t\ncluster: {kind: local}\ntopics: {orders: {}}\n"
      "workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}\n"
      "phases: {warmup: 5s, measure: 10s}\nshow: " +
      show + "\n");
}

std::string refused(const std::string& show) {
  const auto outcome = showing(show);
  return outcome.plan ? "" : scenario::to_text(outcome.diagnostics);
}

}  // namespace

TEST_CASE("show lists metrics in the order in which a reader wants them") {
  const auto outcome = showing("[duplicate, p99(produce.response), 'max(response)']");
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  REQUIRE(outcome.plan->show.size() == 3);
  CHECK(outcome.plan->show[0] == MetricQuestion{"", "", "duplicate", false});
  CHECK(outcome.plan->show[1] == MetricQuestion{"p99", "produce", "response", false});
  CHECK(outcome.plan->show[2] == MetricQuestion{"max", "", "response", false});
  CHECK(showing("[]").plan);
}

TEST_CASE("show refuses what can never be shown, with its place") {
  CHECK(contains(refused("[duplicat]"), "6:8: show: unknown metric 'duplicat'"));
  CHECK(contains(refused("[acked_lost, response]"), "6:20: show: 'response' needs a function"));
  CHECK(contains(refused("['acked_lost == 0']"), "6:20: show: compares with nothing here"));
  CHECK(contains(refused("[redelivered]"), "show: no workload consumes"));
  CHECK(contains(refused("[prodduce.acked]"), "show: there is no workload 'prodduce'"));
  CHECK(contains(refused("acked_lost"), "show must be a list"));
  CHECK(contains(refused("[{that: acked_lost}]"), "show: each entry must be a metric"));
  CHECK(contains(refused("['']"), "show: a metric is missing"));
}
