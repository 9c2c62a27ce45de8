// Series out of pairs, and the decision as JSON.
#include "gate/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/counted.hpp"
#include "judge/judge.hpp"
#include "scenario/expectation.hpp"
#include "statistics/median.hpp"
#include "statistics/signed_rank.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;

// What no noise touches. Of all halves together nothing is asked: there are two sides to them.
std::vector<scenario::Expectation> exact_ones(const std::vector<scenario::Expectation>& all) {
  std::vector<scenario::Expectation> out;
  for (const auto& expectation : all) {
    const auto* metric = scenario::find_metric(expectation.metric);
    const bool counts =
        metric != nullptr &&
        (metric->kind == MetricKind::count ||
         (metric->kind == MetricKind::share && metric->side != MetricSide::cluster));
    if (counts && !expectation.control && expectation.over == scenario::Over::each)
      out.push_back(expectation);
  }
  return out;
}

// A pair that is void for its times is none for what was lost in it.
std::vector<std::string> broken_in(const std::vector<Pair>& pairs,
                                   const std::vector<scenario::Expectation>& expectations) {
  std::vector<std::string> out;
  for (const Pair& pair : pairs) {
    for (const View* half : {&pair.baseline, &pair.candidate}) {
      const auto name =
          "pair " + std::to_string(pair.number + 1) + ", " + (*half)["variant"].text() + ": ";
      for (const auto& why : broken_promises(*half, expectations)) out.push_back(name + why);
    }
  }
  return out;
}

Threshold threshold_for(const Gated& gated, const std::vector<Pair>& pairs, std::size_t index) {
  std::vector<double> values;
  for (const Pair& pair : pairs) {
    if (pair.voids.empty() && pair.metrics[index].baseline)
      values.push_back(*pair.metrics[index].baseline);
  }
  return with_floor(gated, statistics::median(values));
}

GatedSeries series_of(const Gated& gated, const std::vector<Pair>& pairs, std::size_t index) {
  GatedSeries out{.metric = gated.text,
                  .threshold = threshold_for(gated, pairs, index),
                  .pairs = {},
                  .exact = gated.exact};
  for (const Pair& pair : pairs) {
    const auto& effect = pair.metrics[index].effect;
    if (pair.voids.empty() && effect)
      out.pairs.push_back({pair.number, *effect, pair.candidate_first});
  }
  return out;
}

// A pass says that no promise was broken: then each half must be known to have kept them.
std::string doubts_of(const std::vector<Pair>& pairs,
                      const std::vector<scenario::Expectation>& expectations) {
  const auto exact = exact_ones(expectations);
  std::size_t doubtful = 0, all = 0;
  std::string first;
  for (const Pair& pair : pairs) {
    if (!pair.voids.empty()) continue;
    for (const View* half : {&pair.baseline, &pair.candidate}) {
      ++all;
      const auto judged = judge::judge_trial(*half, exact, {});
      if (judged.verdict == Verdict::pass) continue;
      ++doubtful;
      if (first.empty() && !judged.reasons.empty()) {
        first = "pair " + std::to_string(pair.number + 1) + ", " + (*half)["variant"].text() +
                ": " + judged.reasons.front();
      }
    }
  }
  if (doubtful == 0) return "";
  return "nothing got worse by measure, yet whether all promises were kept is not known of " +
         std::to_string(doubtful) + " of " + counted(all, "half", "halves") + " (" + first + ")";
}

// Why the machine was not the same to both sides: the control, which neither can change, is found
// to differ between them as a metric would be, and by half of what counts as a regression.
std::optional<std::string> partial_machine(const std::vector<Pair>& pairs,
                                           const std::vector<GatedSeries>& series, double alpha) {
  std::vector<double> effects;
  for (const Pair& pair : pairs) {
    if (!pair.voids.empty() || !pair.control_moved) continue;
    const double moved = std::log1p(*pair.control_moved);
    effects.push_back(pair.candidate_first ? -moved : moved);
  }
  double delta = std::numeric_limits<double>::infinity();
  for (const GatedSeries& one : series)
    if (!one.exact) delta = std::min(delta, one.threshold.delta);
  const double estimate = statistics::hodges_lehmann(effects).value;
  const double p = 2 * std::min(statistics::p_above(effects, 0), statistics::p_below(effects, 0));
  if (p > alpha || std::abs(estimate) <= std::log1p(delta / 2)) return std::nullopt;
  return fmt::format(
      "the control, the same piece of work before either half, took {:+.1f} % beside the "
      "candidate, "
      "which is no chance: the machine was not the same to both; run the gate again",
      100 * std::expm1(estimate));
}

const MetricDecision* decided(const Decision& decision, const std::string& metric) {
  const auto at = std::ranges::find(decision.metrics, metric, &MetricDecision::metric);
  return at == decision.metrics.end() ? nullptr : &*at;
}

json describe_pair(const Pair& pair) {
  json out{{"pair", pair.number},
           {"first", pair.candidate_first ? "candidate" : "baseline"},
           {"void", pair.voids}};
  if (pair.control_moved) out["control_moved"] = *pair.control_moved;
  return out;
}

json describe_values(const std::vector<Pair>& pairs, std::size_t index) {
  json out = json::array();
  for (const Pair& pair : pairs) {
    const Compared& value = pair.metrics[index];
    json row{{"pair", pair.number}};
    if (value.baseline) row["baseline"] = *value.baseline;
    if (value.candidate) row["candidate"] = *value.candidate;
    if (value.effect) row["effect"] = *value.effect;
    if (!value.why.empty()) row["why"] = value.why;
    out.push_back(std::move(row));
  }
  return out;
}

void add_medians(const std::vector<Pair>& pairs, std::size_t index, json& out) {
  std::vector<double> baseline, candidate;
  for (const Pair& pair : pairs) {
    if (!pair.voids.empty()) continue;
    if (pair.metrics[index].baseline) baseline.push_back(*pair.metrics[index].baseline);
    if (pair.metrics[index].candidate) candidate.push_back(*pair.metrics[index].candidate);
  }
  if (!baseline.empty()) out["baseline"] = statistics::median(baseline);
  if (!candidate.empty()) out["candidate"] = statistics::median(candidate);
}

void add_estimate(const statistics::Estimate& estimate, json& out) {
  if (estimate.confidence <= 0) return;
  out["estimate"] = estimate.value;
  out["low"] = estimate.low;
  out["high"] = estimate.high;
  out["confidence"] = estimate.confidence;
}

json describe_metric(const Judgement& judgement, const Gated& gated, std::size_t index) {
  const Threshold threshold = threshold_for(gated, judgement.pairs, index);
  json out{{"metric", gated.text},
           {"gates", gated.gates},
           {"more_is_better", gated.more_is_better},
           {"exact", gated.exact},
           {"delta", threshold.delta},
           {"delta_max", threshold.delta_max},
           {"unit", unit_of(gated.question)},
           {"pairs", describe_values(judgement.pairs, index)}};
  add_medians(judgement.pairs, index, out);
  const auto* of = gated.gates ? decided(judgement.decision, gated.text) : nullptr;
  if (of == nullptr) {
    std::vector<double> effects;
    for (const auto& pair : series_of(gated, judgement.pairs, index).pairs)
      effects.push_back(pair.effect);
    add_estimate(statistics::hodges_lehmann(effects), out);
    return out;
  }
  add_estimate(of->estimate, out);
  out["outcome"] = name_of(of->outcome);
  out["reason"] = of->reason;
  out["p_worse"] = of->p_worse;
  out["p_adjusted"] = of->p_adjusted;
  out["p_not_too_much_worse"] = of->p_not_too_much_worse;
  if (of->minimum_detectable > 0 && std::isfinite(of->minimum_detectable))
    out["minimum_detectable"] = of->minimum_detectable;
  out["slot_effect"] = of->slot_effect;
  out["slot_effect_vetoes"] = of->slot_effect_vetoes;
  return out;
}

// What statistics do not know of: promises, and whether the machine was the same to both.
void qualify(Judgement& out, const std::vector<GatedSeries>& series,
             const std::vector<scenario::Expectation>& expectations, double alpha) {
  const auto ends_as = [&](Outcome outcome, std::string why) {
    out.decision.outcome = outcome;
    out.decision.reason = std::move(why);
  };
  const Outcome found = out.decision.outcome;
  if (!out.broken.empty())
    return ends_as(Outcome::fail, "a promise was broken, which no statistics excuse");
  if (found != Outcome::pass && found != Outcome::fail) return;
  if (out.decision.look > 0) {
    if (auto why = partial_machine(out.pairs, series, alpha))
      return ends_as(Outcome::invalid, std::move(*why));
  }
  if (found == Outcome::fail) return;
  if (auto why = doubts_of(out.pairs, expectations); !why.empty())
    ends_as(Outcome::inconclusive, std::move(why));
}

}  // namespace

Threshold with_floor(const Gated& gated, double usual) {
  Threshold out = gated.threshold;
  if (gated.floor <= 0 || usual <= 0) return out;
  out.delta = std::max(out.delta, gated.floor / usual);
  out.delta_max = std::max(out.delta_max, 2 * out.delta);
  return out;
}

std::vector<std::string> broken_promises(const View& trial,
                                         const std::vector<scenario::Expectation>& expectations) {
  if (trial["status"].is("error") || trial["verdict"].is("invalid")) return {};
  const auto judged = judge::judge_trial(trial, exact_ones(expectations), {});
  return judged.verdict == Verdict::fail ? judged.reasons : std::vector<std::string>{};
}

Judgement judge(const View& record, const std::vector<Gated>& gated,
                const std::vector<scenario::Expectation>& expectations, const Rules& rules) {
  Judgement out{.decision = {}, .pairs = read_pairs(record, gated), .broken = {}};
  out.broken = broken_in(out.pairs, expectations);
  std::vector<GatedSeries> series;
  for (std::size_t i = 0; i < gated.size(); ++i) {
    if (gated[i].gates) series.push_back(series_of(gated[i], out.pairs, i));
  }
  const auto voids =
      std::ranges::count_if(out.pairs, [](const Pair& p) { return !p.voids.empty(); });
  out.decision = decide(series, rules, static_cast<int>(out.pairs.size()), static_cast<int>(voids));
  qualify(out, series, expectations, look_alpha(rules));
  return out;
}

json describe(const Judgement& judgement, const std::vector<Gated>& gated) {
  json pairs = json::array(), metrics = json::array();
  for (const Pair& pair : judgement.pairs) pairs.push_back(describe_pair(pair));
  for (std::size_t i = 0; i < gated.size(); ++i)
    metrics.push_back(describe_metric(judgement, gated[i], i));
  return {{"pairs", std::move(pairs)},
          {"metrics", std::move(metrics)},
          {"outcome", name_of(judgement.decision.outcome)},
          {"reason", judgement.decision.reason},
          {"broken", judgement.broken},
          {"look", judgement.decision.look}};
}

}  // namespace seatrial::gate
