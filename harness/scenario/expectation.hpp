// What a scenario expects, as `that:` and `control:` say it, and whether the trials bear it out.
//
//   METRIC OP VALUE                    acked_lost == 0
//   WORKLOAD.METRIC OP VALUE           produce.failed < 100
//   FUNCTION(METRIC) OP VALUE          max(unavailability) < 3s
//   FUNCTION(WORKLOAD.METRIC) OP VALUE p99(produce.response) < 50ms
//
// Pure: where a metric's value comes from is the caller's to say. A metric of which too little is
// known is unknown, never held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metric.hpp"
#include "core/result.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

struct ExpectationError {
  std::size_t position = 0;  // within the text, from 0
  std::string message;       // complete, suggestion included
};

// Fills function, workload, metric, comparison and value of `out`; tells what is wrong otherwise.
std::optional<ExpectationError> parse_that(std::string_view text, Expectation& out);

// The left side alone, as `show:` lists it.
std::optional<ExpectationError> parse_question(std::string_view text, MetricQuestion& out);
// p99(produce.response) outside faults
std::string question_text(const MetricQuestion& question);

struct MetricSpec {
  std::string name;
  MetricKind kind;
  MetricSide side;
  Need needs;
  std::string help;
  // Whose it is: what a registered checker found, by its name with underscores; what a workload
  // counted; or a metric of its own.
  enum class Origin { checker, fact, metric };
  Origin origin = Origin::metric;
  std::string plugin;  // the name that it is registered by
};
// In the order in which they are listed to people.
std::span<const MetricSpec> metrics();
std::span<const std::string_view> latency_functions();  // p50, p99, ...
const MetricSpec* find_metric(std::string_view name);
// Of rates, and of counts of what went well; of all else less is better, or neither.
[[nodiscard]] bool more_is_better(const MetricSpec& metric);
// By which a checker's count is asked for, and stands in the record: its name with underscores.
std::string metric_of_checker(std::string checker);

// 0.05 of `0.05` and of `5%`.
Result<double> parse_share(std::string_view text);

// 99.9 of `p99.9`; nothing of max and mean.
std::optional<double> percentile_of(std::string_view function);
// So that ten lie beyond a percentile: with fewer, it would be chance.
[[nodiscard]] std::uint64_t samples_needed(double percentile);

// One trial, as far as expectations look at it.
struct TrialMetrics {
  int trial = 0;  // its index, for the text
  std::map<std::string, std::string> axes;
  bool excluded = false;  // an invalid trial: left out but by controls, which may have made it so
  std::function<Measured(const Expectation&)> value;
};

enum class ExpectationOutcome { held, failed, unknown };
std::string to_string(ExpectationOutcome outcome);

struct Evaluated {
  ExpectationOutcome outcome = ExpectationOutcome::unknown;
  std::string observed;     // "0", "1,234 to 2,977 (3 trials)", "at least 3 s", "nothing"
  std::string why;          // in no trial or in some: Measured::why, each once
  std::vector<int> trials;  // that were looked at
};

[[nodiscard]] bool covers(const Expectation& expectation,
                          const std::map<std::string, std::string>& axes);
Evaluated evaluate(const Expectation& expectation, std::span<const TrialMetrics> trials);

std::string to_string(Over over);
// With the unit of its metric: 1,234; 1.62 s; 4,980/s; 0.12 %.
std::string format_value(const MetricQuestion& question, double value);

}  // namespace seatrial::scenario
