// Exact series, then the look: measured, tested, and taken together.
#include "gate/decide.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "core/check.hpp"
#include "gate/power.hpp"
#include "gate/reasons.hpp"
#include "statistics/holm.hpp"
#include "statistics/mean_difference.hpp"
#include "statistics/signed_rank.hpp"

namespace seatrial::gate {
namespace {

using Metrics = std::vector<MetricDecision>;

constexpr int least_exact = 2;

std::vector<double> effects_of(const GatedSeries& series) {
  std::vector<double> effects;
  effects.reserve(series.pairs.size());
  for (const PairEffect& pair : series.pairs) effects.push_back(pair.effect);
  return effects;
}

MetricDecision measured(const GatedSeries& series) {
  MetricDecision metric;
  metric.metric = series.metric;
  metric.exact = series.exact;
  metric.threshold = series.threshold;
  metric.pairs = static_cast<int>(series.pairs.size());
  metric.estimate = statistics::hodges_lehmann(effects_of(series));
  if (!series.exact) metric.sigma = sigma_of(metric.estimate, metric.pairs);
  return metric;
}

void judge_exact(MetricDecision& metric, const GatedSeries& series) {
  const double delta = std::log1p(series.threshold.delta);
  const auto beyond = std::ranges::count_if(
      series.pairs, [&](const PairEffect& pair) { return pair.effect > delta; });
  const bool within = metric.estimate.value <= delta;
  if (metric.pairs >= least_exact) {
    if (beyond >= least_exact && !within) metric.outcome = Outcome::fail;
    if (within && 2 * beyond < metric.pairs) metric.outcome = Outcome::pass;
  }
  metric.reason = exact_reason(metric);
}

// p-values before Holm; that of the slot effect is returned.
double tested(MetricDecision& metric, const GatedSeries& series, const Rules& rules, int metrics) {
  const std::vector<double> effects = effects_of(series);
  metric.p_worse = statistics::p_above(effects, 0);
  metric.p_not_too_much_worse =
      statistics::p_below(effects, std::log1p(series.threshold.delta_max));
  metric.minimum_detectable =
      minimum_detectable(metric.pairs, metric.sigma, rules, series.threshold.delta, metrics);
  std::vector<double> baseline_second, candidate_second;
  for (const PairEffect& pair : series.pairs)
    (pair.candidate_first ? baseline_second : candidate_second).push_back(pair.effect);
  // The build's part is the same in both groups, and the slot's has opposite signs.
  if (baseline_second.empty() || candidate_second.empty()) return 1;
  const auto difference = statistics::mean_difference(baseline_second, candidate_second);
  metric.slot_effect = difference.value / 2;
  if (std::abs(metric.slot_effect) <= std::log1p(series.threshold.delta / 2)) return 1;
  return difference.p;
}

std::optional<std::string> not_comparable(const MetricDecision& metric, const GatedSeries& series,
                                          const Look& look) {
  if (metric.pairs < look.pairs) return missing_reason(metric.pairs, look.pairs);
  const auto first =
      static_cast<int>(std::ranges::count_if(series.pairs, &PairEffect::candidate_first));
  if (4 * std::min(first, metric.pairs - first) < metric.pairs)
    return order_reason(first, metric.pairs);
  if (metric.slot_effect_vetoes) return slot_reason(metric);
  return std::nullopt;
}

void judge(MetricDecision& metric, const GatedSeries& series, const Look& look) {
  if (const auto why = not_comparable(metric, series, look)) {
    metric.outcome = Outcome::invalid;
    metric.reason = *why;
  } else if (metric.p_adjusted <= look.alpha &&
             metric.estimate.value >= std::log1p(series.threshold.delta)) {
    metric.outcome = Outcome::fail;
    metric.reason = failed_reason(metric, look);
  } else if (metric.p_not_too_much_worse <= look.alpha) {
    metric.outcome = Outcome::pass;
    metric.reason = passed_reason(metric);
  } else {
    metric.outcome = look.last ? Outcome::inconclusive : Outcome::go_on;
    metric.reason = undecided_reason(metric);
  }
}

// Of the series that noise touches, at a look.
void judge_noisy(Metrics& metrics, const std::vector<GatedSeries>& series, const Rules& rules,
                 const Look& look) {
  std::vector<std::size_t> noisy;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series[i].exact) noisy.push_back(i);
  }
  std::vector<double> worse, slots;
  for (const std::size_t i : noisy) {
    slots.push_back(tested(metrics[i], series[i], rules, static_cast<int>(noisy.size())));
    worse.push_back(metrics[i].p_worse);
  }
  const std::vector<double> adjusted = statistics::holm(worse);
  const std::vector<double> adjusted_slots = statistics::holm(slots);
  for (std::size_t k = 0; k < noisy.size(); ++k) {
    MetricDecision& metric = metrics[noisy[k]];
    metric.p_adjusted = adjusted[k];
    metric.slot_effect_vetoes = adjusted_slots[k] <= look.alpha;
    judge(metric, series[noisy[k]], look);
  }
}

bool any(const Metrics& metrics, Outcome outcome) {
  return std::ranges::any_of(metrics, [&](const auto& m) { return m.outcome == outcome; });
}

bool all_pass(const Metrics& metrics) {
  return std::ranges::all_of(metrics, [](const auto& m) { return m.outcome == Outcome::pass; });
}

// That the gate is answered at its last look; at most, since metrics need not agree.
double chance_of_answer(const Metrics& metrics, const Rules& rules) {
  const auto noisy =
      static_cast<int>(std::ranges::count_if(metrics, [](const auto& m) { return !m.exact; }));
  Chances chances{.pass = 1, .fail = 0};
  for (const MetricDecision& metric : metrics) {
    if (metric.exact) continue;
    const Chances of_metric = chances_at_last_look({.pairs = metric.pairs,
                                                    .estimate = metric.estimate.value,
                                                    .sigma = metric.sigma,
                                                    .threshold = metric.threshold},
                                                   rules, noisy);
    chances.pass = std::min(chances.pass, of_metric.pass);
    chances.fail = std::max(chances.fail, of_metric.fail);
  }
  return std::min(chances.pass + chances.fail, 1.0);
}

Outcome together(const Metrics& metrics, bool last) {
  if (any(metrics, Outcome::fail)) return Outcome::fail;
  if (any(metrics, Outcome::invalid)) return Outcome::invalid;
  if (all_pass(metrics)) return Outcome::pass;
  return last ? Outcome::inconclusive : Outcome::go_on;
}

// No metric of a gate that has ended goes on.
Decision ended(Decision decision, int valid) {
  for (MetricDecision& metric : decision.metrics) {
    if (metric.outcome != Outcome::go_on) continue;
    metric.outcome =
        decision.outcome == Outcome::invalid ? Outcome::invalid : Outcome::inconclusive;
    if (metric.exact) metric.reason = exact_reason(metric);
    if (metric.reason.empty()) metric.reason = unjudged_reason(metric);
  }
  if (decision.reason.empty())
    decision.reason = gate_reason(decision.outcome, decision.metrics, valid);
  return decision;
}

Decision at_look(const std::vector<GatedSeries>& series, const Rules& rules, const Look& look,
                 Decision decision) {
  decision.look = look.number;
  judge_noisy(decision.metrics, series, rules, look);
  decision.outcome = together(decision.metrics, look.last);
  if (decision.outcome != Outcome::go_on) return ended(std::move(decision), look.pairs);
  const double chance = chance_of_answer(decision.metrics, rules);
  if (chance < rules.futility_power) {
    decision.outcome = Outcome::inconclusive;
    decision.reason = futile_reason(rules, look.pairs, chance);
    return ended(std::move(decision), look.pairs);
  }
  decision.reason = go_on_reason(rules, look.pairs);
  return decision;
}

// The look that is due after so many valid pairs; more than the last asks for are its own.
std::optional<Look> due(const Rules& rules, int valid) {
  const int last = rules.looks.back();
  const auto found = std::ranges::find(rules.looks, std::min(valid, last));
  if (found == rules.looks.end()) return std::nullopt;
  return Look{.number = static_cast<int>(found - rules.looks.begin()) + 1,
              .pairs = valid,
              .last = valid >= last,
              .alpha = look_alpha(rules)};
}

// So many that with one more the last look would have too large a share of them.
int most_void(const Rules& rules) {
  return static_cast<int>(rules.looks.back() * rules.max_void / (1 - rules.max_void) + 1e-9);
}

void check_contract(const std::vector<GatedSeries>& series, const Rules& rules, int pairs_run,
                    int pairs_void) {
  check(!series.empty(), "a gate has a metric");
  check(!rules.looks.empty() && rules.looks.front() > 0 &&
            std::ranges::is_sorted(rules.looks, std::less_equal<>()),
        "a gate's looks rise from the first");
  check(pairs_void >= 0 && pairs_void <= pairs_run, "void pairs are among those that were run");
}

}  // namespace

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::go_on: return "go on";
    case Outcome::pass: return "pass";
    case Outcome::fail: return "fail";
    case Outcome::inconclusive: return "inconclusive";
    case Outcome::invalid: return "invalid";
  }
  return "";
}

Decision decide(const std::vector<GatedSeries>& series, const Rules& rules, int pairs_run,
                int pairs_void) {
  check_contract(series, rules, pairs_run, pairs_void);
  const int valid = pairs_run - pairs_void;
  const bool disturbed = pairs_void > most_void(rules);
  // A burst of disturbances is waited out.
  const bool quiet = pairs_void <= rules.max_void * pairs_run;
  const auto look = quiet ? due(rules, valid) : std::nullopt;
  const bool exact_only = std::ranges::all_of(series, &GatedSeries::exact);
  const bool exact_any = std::ranges::any_of(series, &GatedSeries::exact);
  if (!look && !disturbed && !exact_any)
    return {.outcome = Outcome::go_on, .metrics = {}, .reason = go_on_reason(rules, valid)};

  Decision decision;
  for (const GatedSeries& each : series) {
    decision.metrics.push_back(measured(each));
    if (!each.exact) continue;
    MetricDecision& metric = decision.metrics.back();
    judge_exact(metric, each);
    if (metric.outcome != Outcome::pass || metric.pairs == valid) continue;
    metric.outcome = Outcome::invalid;
    metric.reason = missing_reason(metric.pairs, valid);
  }
  if (any(decision.metrics, Outcome::fail)) {
    decision.outcome = Outcome::fail;
    return ended(std::move(decision), valid);
  }
  if (disturbed) {
    decision.outcome = Outcome::invalid;
    decision.reason = void_reason(rules, pairs_run, pairs_void);
    for (MetricDecision& metric : decision.metrics) {
      metric.outcome = Outcome::invalid;
      metric.reason = unjudged_reason(metric);
    }
    return decision;
  }
  if (exact_only && all_pass(decision.metrics)) {
    decision.outcome = Outcome::pass;
    return ended(std::move(decision), valid);
  }
  if (look) return at_look(series, rules, *look, std::move(decision));
  return {.outcome = Outcome::go_on, .metrics = {}, .reason = go_on_reason(rules, valid)};
}

}  // namespace seatrial::gate
