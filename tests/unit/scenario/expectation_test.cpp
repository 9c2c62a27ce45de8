// What `that:` may say, and how trials bear it out.
#include "scenario/expectation.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::scenario;

namespace {

Expectation that(const std::string& text) {
  Expectation out;
  const auto error = parse_that(text, out);
  INFO(text << ": " << (error ? error->message : ""));
  REQUIRE_FALSE(error);
  return out;
}

std::string error_of(const std::string& text) {
  Expectation out;
  const auto error = parse_that(text, out);
  return error ? std::to_string(error->position) + " " + error->message : "none";
}

TrialMetrics trial(int index, std::optional<double> value, std::string acks = "1") {
  return {index, {{"acks", std::move(acks)}}, false, [value](const Expectation&) {
            return value ? Measured::exactly(*value) : Measured::nothing("nobody looked");
          }};
}

TrialMetrics trial(int index, const Measured& measured) {
  return {index, {}, false, [measured](const Expectation&) { return measured; }};
}

Evaluated judge(const std::string& text, Over over, const std::vector<TrialMetrics>& trials) {
  auto expectation = that(text);
  expectation.over = over;
  return evaluate(expectation, trials);
}

constexpr auto held = ExpectationOutcome::held;
constexpr auto failed = ExpectationOutcome::failed;
constexpr auto unknown = ExpectationOutcome::unknown;

}  // namespace

TEST_CASE("metrics, workloads, functions, comparisons and values are read") {
  auto e = that("acked_lost == 0");
  CHECK(e.metric == "acked_lost");
  CHECK(e.function.empty());
  CHECK(e.workload.empty());
  CHECK(e.comparison == Comparison::equal);
  CHECK(e.value == 0);
  e = that("p99(produce.response) < 50ms");
  CHECK(e.function == "p99");
  CHECK(e.workload == "produce");
  CHECK(e.metric == "response");
  CHECK(e.value == 50e6);
  CHECK(that("p999(response)<=1s").function == "p99.9");
  CHECK(that("p99.9( response ) >= 1s").comparison == Comparison::greater_equal);
  CHECK(that("max(unavailability) < 3s").function == "max");
  CHECK(that("unavailability<3s").value == 3e9);
  CHECK(that("throughput > 4.5k/s").value == 4500);
  CHECK(that("produce.failed != 3").workload == "produce");
  CHECK(that("unknown_share <= 5%").value == 0.05);
  CHECK(that("unknown_share <= 0.05").value == 0.05);
}

TEST_CASE("what cannot be read is told with its place") {
  CHECK(error_of("acked_los == 0") == "0 unknown metric 'acked_los' (did you mean 'acked_lost'?)");
  CHECK(error_of("p98(response) < 1s") == "0 unknown function 'p98' (did you mean 'p90'?)");
  CHECK(error_of("p99(produce.respnse) < 1s") ==
        "12 unknown metric 'respnse' (did you mean 'response'?)");
  CHECK(error_of("acked_lost = 0") ==
        "11 unknown comparison '=' (did you mean '=='?); equality is '=='");
  CHECK(error_of("acked_lost == 5ms") == "14 '5ms' is not a whole decimal number");
  CHECK(error_of("p99(response) < 50").substr(0, 3) == "16 ");
  CHECK(error_of("p99(response) < 50").find("no unit") != std::string::npos);
  CHECK(error_of("response < 50ms") == "0 'response' needs a function, as in p99(response)");
  CHECK(error_of("p99(acked) > 1") == "0 'acked' takes no function: write acked alone");
  CHECK(error_of("mean(unavailability) < 1s") ==
        "0 'unavailability' takes no function: write unavailability alone");
  CHECK(error_of("p.unavailability < 1s").find("leave 'p.' out") != std::string::npos);
  CHECK(error_of("p99(response < 1s") == "0 a ')' is missing after 'p99(response'");
  CHECK(error_of("acked_lost").find("compares nothing") != std::string::npos);
  CHECK(error_of("== 0").find("a metric is missing") != std::string::npos);
  CHECK(error_of("acked_lost ==").find("a value is missing") != std::string::npos);
  CHECK(error_of("throughput > max").find("no rate to compare") != std::string::npos);
}

TEST_CASE("each comparison means what it says") {
  const auto outcome = [](const std::string& op, double value) {
    return judge("acked " + op + " 5", Over::each, {trial(0, value)}).outcome == held;
  };
  CHECK((outcome("==", 5) && !outcome("==", 4)));
  CHECK((outcome("!=", 4) && !outcome("!=", 5)));
  CHECK((outcome("<", 4) && !outcome("<", 5)));
  CHECK((outcome("<=", 5) && !outcome("<=", 6)));
  CHECK((outcome(">", 6) && !outcome(">", 5)));
  CHECK((outcome(">=", 5) && !outcome(">=", 4)));
}

TEST_CASE("each: one that fails is failure, one that is missing is unknown") {
  CHECK(judge("acked > 0", Over::each, {trial(0, 1), trial(1, 2)}).outcome == held);
  CHECK(judge("acked > 0", Over::each, {trial(0, 1), trial(1, 0)}).outcome == failed);
  CHECK(judge("acked > 0", Over::each, {trial(0, 1), trial(1, std::nullopt)}).outcome == unknown);
  CHECK(judge("acked > 0", Over::each, {trial(0, std::nullopt), trial(1, 0)}).outcome == failed);
}

TEST_CASE("any: one that holds is enough, none is failure only if none is missing") {
  CHECK(judge("acked > 0", Over::any, {trial(0, 0), trial(1, 2)}).outcome == held);
  CHECK(judge("acked > 0", Over::any, {trial(0, std::nullopt), trial(1, 2)}).outcome == held);
  CHECK(judge("acked > 0", Over::any, {trial(0, 0), trial(1, 0)}).outcome == failed);
  CHECK(judge("acked > 0", Over::any, {trial(0, 0), trial(1, std::nullopt)}).outcome == unknown);
}

TEST_CASE("sum: what is missing can only add") {
  CHECK(judge("acked == 3", Over::sum, {trial(0, 1), trial(1, 2)}).outcome == held);
  CHECK(judge("acked == 3", Over::sum, {trial(0, 1), trial(1, 3)}).outcome == failed);
  CHECK(judge("acked == 3", Over::sum, {trial(0, 3), trial(1, std::nullopt)}).outcome == unknown);
  CHECK(judge("acked == 3", Over::sum, {trial(0, 4), trial(1, std::nullopt)}).outcome == failed);
  CHECK(judge("acked >= 3", Over::sum, {trial(0, 4), trial(1, std::nullopt)}).outcome == held);
  CHECK(judge("acked >= 3", Over::sum, {trial(0, 2), trial(1, std::nullopt)}).outcome == unknown);
  CHECK(judge("acked < 3", Over::sum, {trial(0, 3), trial(1, std::nullopt)}).outcome == failed);
  CHECK(judge("acked < 3", Over::sum, {trial(0, 2), trial(1, std::nullopt)}).outcome == unknown);
}

TEST_CASE("no covered trial is unknown, and invalid trials are left out") {
  CHECK(judge("acked > 0", Over::each, {}).outcome == unknown);
  auto invalid = trial(0, 0);
  invalid.excluded = true;
  CHECK(judge("acked > 0", Over::each, {invalid}).outcome == unknown);
  const auto judged = judge("acked > 0", Over::each, {invalid, trial(1, 1)});
  CHECK(judged.outcome == held);
  CHECK(judged.trials == std::vector<int>{1});
}

TEST_CASE("where picks the trials by their axes") {
  auto e = that("acked > 0");
  e.where = {{"acks", {"1", "0"}}};
  const std::vector<TrialMetrics> trials{trial(0, 5, "1"), trial(1, 0, "all"), trial(2, 7, "0")};
  const auto judged = evaluate(e, trials);
  CHECK(judged.outcome == held);
  CHECK(judged.trials == std::vector<int>{0, 2});
  e.where = {{"linger", {"5"}}};
  CHECK(evaluate(e, trials).outcome == unknown);
}

TEST_CASE("what was observed is told in the metric's unit") {
  const auto observed = [](const std::string& text, std::vector<TrialMetrics> trials) {
    return judge(text, Over::each, trials).observed;
  };
  CHECK(observed("acked_lost == 0", {trial(0, 1234)}) == "1,234");
  CHECK(observed("acked_lost == 0", {trial(0, 0), trial(1, 2977)}) == "0 to 2,977 (2 trials)");
  CHECK(observed("acked_lost == 0", {trial(0, 0), trial(1, std::nullopt)}) ==
        "0 (1 trial), 1 without a value");
  CHECK(observed("acked_lost == 0", {trial(0, std::nullopt)}) == "nothing");
  CHECK(observed("acked_lost == 0", {}) == "nothing");
  CHECK(judge("acked_lost == 0", Over::each, {}).why == "no valid trial is covered");
  CHECK(observed("unavailability < 3s", {trial(0, 1.62e9)}) == "1.62 s");
  CHECK(observed("throughput > 1/s", {trial(0, 4980.4)}) == "4,980/s");
  CHECK(observed("unknown_share < 1%", {trial(0, 0.0012)}) == "0.12 %");
}

TEST_CASE("what is known of a value decides as far as it reaches") {
  const auto bounds = Measured::between(10e6, 20e6, "too few");
  const auto outcome = [&](const std::string& comparison) {
    return judge("unavailability " + comparison, Over::each, {trial(0, bounds)}).outcome;
  };
  CHECK(outcome("< 30ms") == held);
  CHECK(outcome("< 20ms") == unknown);
  CHECK(outcome("<= 20ms") == held);
  CHECK(outcome("< 10ms") == failed);
  CHECK(outcome("<= 10ms") == unknown);
  CHECK(outcome("> 9ms") == held);
  CHECK(outcome("> 15ms") == unknown);
  CHECK(outcome(">= 21ms") == failed);
  CHECK(outcome("== 15ms") == unknown);
  CHECK(outcome("== 10ms") == unknown);
  CHECK(outcome("== 5ms") == failed);
  CHECK(outcome("!= 20ms") == unknown);
  CHECK(outcome("!= 5ms") == held);
  const auto judged = judge("unavailability < 30ms", Over::each,
                            {trial(0, bounds), trial(1, Measured::at_least(5e6, "not all")),
                             trial(2, Measured::nothing("too few"))});
  CHECK(judged.outcome == unknown);
  CHECK(judged.observed == "at least 5 ms (2 trials), 1 without a value");
  CHECK(judged.why == "too few; not all");
  CHECK(judge("unavailability > 4ms", Over::each, {trial(0, Measured::at_least(5e6, "why"))})
            .outcome == held);
}

TEST_CASE("a percentile needs ten samples beyond it") {
  CHECK(samples_needed(50) == 20);
  CHECK(samples_needed(99) == 1000);
  CHECK(samples_needed(99.9) == 10'000);
  CHECK(percentile_of("p99.9") == 99.9);
  CHECK_FALSE(percentile_of("max"));
  CHECK_FALSE(percentile_of(""));
}
