// Effects are kept as logarithms and printed as what they do: a ratio, and its direction.
#include "gate/reasons.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace seatrial::gate {
namespace {

// At most two digits that count, and none that does not: 0.31 %, 4.2 %, 12 %.
std::string percent(double ratio) {
  const double value = 100 * std::abs(ratio);
  if (!std::isfinite(value)) return "any amount";
  const int decimals = value < 0.995 ? 2 : value < 9.95 ? 1 : 0;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != text.npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

bool prints_as_none(double ln) { return percent(std::expm1(ln)) == "0 %"; }

// "4.2 % worse", "1.3 % better".
std::string change(double ln) {
  if (prints_as_none(ln)) return "no change";
  return fmt::format("{} {}", percent(std::expm1(ln)), ln > 0 ? "worse" : "better");
}

std::string estimated(const MetricDecision& metric) {
  const statistics::Estimate& e = metric.estimate;
  if (metric.pairs < 2) return fmt::format("{} in {} pair", change(e.value), metric.pairs);
  return fmt::format("{} ({:.0f} % interval: {} to {}) in {} pairs", change(e.value),
                     100 * e.confidence, change(e.low), change(e.high), metric.pairs);
}

std::string probability(double p) {
  return p < 0.0001 ? std::string("p < 0.0001") : fmt::format("p = {:.2g}", p);
}

std::string pairs_text(int n) { return n == 1 ? "1 pair" : fmt::format("{} pairs", n); }

std::string metrics_with(Outcome outcome, const std::vector<MetricDecision>& metrics) {
  std::vector<std::string> names;
  for (const MetricDecision& metric : metrics) {
    if (metric.outcome == outcome) names.push_back(metric.metric);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// What a pass of all these may claim: the largest of what each would have caught.
double weakest_claim(const std::vector<MetricDecision>& metrics) {
  double most = 0;
  for (const MetricDecision& metric : metrics) most = std::max(most, metric.minimum_detectable);
  return most;
}

constexpr const char* steadier =
    "measure longer, allow more pairs, or find what disturbs the machine";

}  // namespace

std::string failed_reason(const MetricDecision& metric, const Look& look) {
  return fmt::format(
      "{}: a regression counts from {} on, and chance is ruled out ({}; limit {:.2g})",
      estimated(metric), percent(metric.threshold.delta), probability(metric.p_adjusted),
      look.alpha);
}

std::string passed_reason(const MetricDecision& metric) {
  const std::string ruled_out =
      fmt::format("{}: {} worse or more is ruled out ({})", estimated(metric),
                  percent(metric.threshold.delta_max), probability(metric.p_not_too_much_worse));
  if (!std::isfinite(metric.minimum_detectable))
    return ruled_out + "; with so many metrics, no regression could have failed after so few pairs";
  return fmt::format("{}; a regression of {} or more would have failed with 90 % power", ruled_out,
                     percent(metric.minimum_detectable));
}

std::string undecided_reason(const MetricDecision& metric) {
  const double delta = std::log1p(metric.threshold.delta);
  const std::string open =
      fmt::format("{} worse or more is not ruled out ({})", percent(metric.threshold.delta_max),
                  probability(metric.p_not_too_much_worse));
  if (metric.estimate.value >= delta)
    return fmt::format("{}: a regression or chance ({}), and {}", estimated(metric),
                       probability(metric.p_adjusted), open);
  return fmt::format("{}: a regression counts from {} on, but {}", estimated(metric),
                     percent(metric.threshold.delta), open);
}

std::string exact_reason(const MetricDecision& metric) {
  const std::string found =
      fmt::format("{} in {}", change(metric.estimate.value), pairs_text(metric.pairs));
  const std::string limit = percent(metric.threshold.delta);
  switch (metric.outcome) {
    case Outcome::fail:
      return fmt::format("{}: more than the {} allowed; a count has no noise to blame", found,
                         limit);
    case Outcome::pass: return fmt::format("{}: within the {} allowed of a count", found, limit);
    case Outcome::go_on:
    case Outcome::inconclusive:
    case Outcome::invalid: break;
  }
  if (metric.outcome == Outcome::go_on || metric.pairs <= 2)
    return fmt::format("{}: one or two more pairs tell whether it is within the {} allowed", found,
                       limit);
  return fmt::format(
      "{}: some are within the {} allowed and some are not; gate it as a measurement, "
      "for noise touches it",
      found, limit);
}

std::string slot_reason(const MetricDecision& metric) {
  return fmt::format(
      "the second half of a pair is {} than the first, whichever build it runs: more "
      "than {}, half of what counts as a regression; let both halves begin alike "
      "(longer warm-up, a pause between them)",
      change(metric.slot_effect), percent(metric.threshold.delta / 2));
}

std::string order_reason(int candidate_first, int pairs) {
  return fmt::format(
      "the candidate was first in {} of {} pairs, so that what comes second and what "
      "is new cannot be told apart; both orders need a quarter of the pairs",
      candidate_first, pairs);
}

std::string missing_reason(int measured, int pairs) {
  return fmt::format(
      "measured in {} of {} valid pairs; a metric needs a value in both halves of each", measured,
      pairs);
}

std::string unjudged_reason(const MetricDecision& metric) {
  if (metric.pairs == 0) return "not judged: the gate ended before it had a valid pair";
  return fmt::format("not judged: {} when the gate ended", estimated(metric));
}

std::string go_on_reason(const Rules& rules, int valid) {
  const auto next = std::ranges::upper_bound(rules.looks, valid);
  if (next == rules.looks.end()) return fmt::format("{} of valid pairs", valid);
  return fmt::format("{} valid; the next look comes after {} of at most {}", pairs_text(valid),
                     *next, rules.looks.back());
}

std::string void_reason(const Rules& rules, int pairs_run, int pairs_void) {
  return fmt::format(
      "{} of {} pairs were void, more than {:.0f} %; nothing is said of the "
      "candidate; see what each pair was disturbed by, and run the gate again on a "
      "quieter machine",
      pairs_void, pairs_run, 100 * rules.max_void);
}

std::string gate_reason(Outcome outcome, const std::vector<MetricDecision>& metrics, int pairs) {
  const std::string after = "after " + pairs_text(pairs);
  switch (outcome) {
    case Outcome::fail:
      return fmt::format("regression {}: {}", after, metrics_with(Outcome::fail, metrics));
    case Outcome::pass: {
      const double claim = weakest_claim(metrics);
      if (claim == 0) return "no regression " + after;
      if (!std::isfinite(claim))
        return fmt::format(
            "no regression {}: too few to fail one of so many metrics, but enough to "
            "rule out what their limits forbid",
            after);
      return fmt::format(
          "no regression {}; one of {} or more in any metric would have failed "
          "with 90 % power",
          after, percent(claim));
    }
    case Outcome::inconclusive:
      return fmt::format("{}, the last look: neither a pass nor a failure of {}; {}", after,
                         metrics_with(Outcome::inconclusive, metrics), steadier);
    case Outcome::invalid:
      return fmt::format("nothing can be said of the candidate {} by {}", after,
                         metrics_with(Outcome::invalid, metrics));
    case Outcome::go_on: break;
  }
  return after;
}

std::string futile_reason(const Rules& rules, int pairs, double chance) {
  return fmt::format(
      "after {}: going on to {} would answer with a chance of only "
      "{:.0f} %; {}",
      pairs_text(pairs), rules.looks.back(), 100 * chance, steadier);
}

}  // namespace seatrial::gate
