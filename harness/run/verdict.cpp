// From sums and outcomes to JSON.
#include "run/verdict.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace seatrial::run {
namespace {

using nlohmann::json;

json describe(const judge::Variant& variant) {
  json out(variant.counts);
  out["variant"] = variant.name;
  out["axes"] = variant.axes;
  out["trials"] = variant.trials;
  out["invalid_trials"] = variant.invalid;
  out["audited_trials"] = variant.audited;
  out["trials_with_loss"] = variant.with_loss;
  out["verdict"] = to_string(variant.verdict);
  for (const judge::Answer& answer : variant.asked) {
    json row{
        {"question", answer.question}, {"meaning", answer.meaning}, {"observed", answer.observed}};
    if (!answer.metric.empty()) row["metric"] = answer.metric;
    if (!answer.why.empty()) row["why"] = answer.why;
    out["asked"].push_back(std::move(row));
  }
  if (!variant.errors.empty()) out["errors"] = variant.errors;
  if (variant.loss_bound) out["loss_bound"] = *variant.loss_bound;
  return out;
}

json describe(const scenario::Expectation& expectation, const scenario::Evaluated& evaluated) {
  const bool missed =
      expectation.control && evaluated.outcome == scenario::ExpectationOutcome::failed;
  json out{{"that", expectation.text},
           {"where", expectation.where},
           {"over", scenario::to_string(expectation.over)},
           {"outcome", missed ? "missed" : scenario::to_string(evaluated.outcome)},
           {"observed", evaluated.observed},
           {"trials", evaluated.trials}};
  if (expectation.control) out["control"] = true;
  if (!evaluated.why.empty()) out["why"] = evaluated.why;
  return out;
}

}  // namespace

json describe_judgement(const judge::RunJudgement& judged,
                        const std::vector<scenario::Expectation>& expectations) {
  json variants = json::array(), columns = json::array(), outcomes = json::array();
  for (const auto& row : judged.variants.rows) variants.push_back(describe(row));
  for (const auto& [key, header] : judged.variants.columns)
    columns.push_back({{"key", key}, {"header", header}});
  for (std::size_t i = 0; i < expectations.size(); ++i)
    outcomes.push_back(describe(expectations[i], judged.expectations[i]));
  const judge::Judgement& overall = judged.judgement;
  return {{"variants", std::move(variants)},
          {"columns", std::move(columns)},
          {"expectations", std::move(outcomes)},
          {"verdict",
           {{"overall", to_string(overall.verdict)},
            {"exit_code", judge::exit_code(overall.verdict)},
            {"reasons", overall.reasons}}}};
}

}  // namespace seatrial::run
