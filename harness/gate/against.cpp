// Two samples, one of them from a file.
#include "gate/against.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/counted.hpp"
#include "gate/certificate.hpp"
#include "gate/judgement.hpp"
#include "gate/pairing.hpp"
#include "judge/metrics.hpp"
#include "statistics/median.hpp"
#include "statistics/shift.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;

bool is_valid(const View& trial) {
  return trial["status"].is("finished") && !trial["verdict"].is("invalid");
}

std::vector<View> valid_trials(std::vector<View> trials) {
  std::erase_if(trials, [](const View& trial) { return !is_valid(trial); });
  return trials;
}

// What is known of the metric; a latency in doubt is not.
std::vector<double> values_of(const Gated& gated, const std::vector<View>& trials) {
  std::vector<double> out;
  for (const View& trial : trials) {
    const Measured measured = judge::measured(gated.question, trial);
    if (measured.known()) out.push_back(measured.least);
  }
  return out;
}

// Effects of each against one of them, so that their shift is the effect.
std::vector<double> effects_of(const std::vector<double>& values, double against, bool more) {
  std::vector<double> out;
  for (const double value : values) out.push_back(effect(against, value, more));
  return out;
}

std::string change_text(double ln) { return fmt::format("{:+.1f} %", std::expm1(ln) * 100); }

struct Samples {
  statistics::Estimate shift;
  double baseline = 0, candidate = 0;  // medians
  Threshold threshold;
  Outcome outcome = Outcome::invalid;
  std::string reason;
};

Samples compare_samples(const Gated& gated, const std::vector<View>& stored,
                        const std::vector<View>& trials, double alpha) {
  Samples out;
  const auto before = values_of(gated, stored), now = values_of(gated, trials);
  const auto few = static_cast<std::size_t>(least_stored_trials);
  if (before.size() < few || now.size() < few) {
    out.reason =
        fmt::format("known in {} of the stored run and {} of the candidate; it takes {} each",
                    counted(before.size(), "trial"), counted(now.size(), "trial"), few);
    return out;
  }
  out.baseline = statistics::median(before);
  out.candidate = statistics::median(now);
  out.threshold = with_floor(gated, out.baseline);
  out.shift = statistics::shift(effects_of(before, out.baseline, gated.more_is_better),
                                effects_of(now, out.baseline, gated.more_is_better), 1 - 2 * alpha);
  const double delta = std::log1p(out.threshold.delta);
  const double delta_max = std::log1p(out.threshold.delta_max);
  const std::string found = fmt::format("{} worse ({} to {})", change_text(out.shift.value),
                                        change_text(out.shift.low), change_text(out.shift.high));
  if (out.shift.low > 0 && out.shift.value >= delta) {
    out.outcome = Outcome::fail;
    out.reason = found + ": " + change_text(delta) + " or more is a regression";
  } else if (out.shift.high < delta_max) {
    out.outcome = Outcome::pass;
    out.reason = found + ": " + change_text(delta_max) + " is ruled out";
  } else {
    out.outcome = Outcome::inconclusive;
    out.reason = found + ": neither " + change_text(delta) + " is shown nor " +
                 change_text(delta_max) + " ruled out";
  }
  return out;
}

json describe_samples(const Gated& gated, const Samples& compared) {
  json out{{"metric", gated.text},
           {"gates", gated.gates},
           {"more_is_better", gated.more_is_better},
           {"exact", false},
           {"unit", unit_of(gated.question)},
           {"delta", compared.threshold.delta},
           {"delta_max", compared.threshold.delta_max},
           {"pairs", json::array()},
           {"outcome", name_of(compared.outcome)},
           {"reason", compared.reason}};
  if (compared.outcome == Outcome::invalid) return out;
  out["baseline"] = compared.baseline;
  out["candidate"] = compared.candidate;
  out["estimate"] = compared.shift.value;
  out["low"] = compared.shift.low;
  out["high"] = compared.shift.high;
  out["confidence"] = compared.shift.confidence;
  return out;
}

// Of all metrics: one that fails decides, then one that says nothing.
Outcome worst_outcome(const std::vector<Outcome>& outcomes) {
  for (const auto bad : {Outcome::fail, Outcome::invalid, Outcome::inconclusive}) {
    if (std::ranges::find(outcomes, bad) != outcomes.end()) return bad;
  }
  return Outcome::pass;
}

}  // namespace

std::vector<View> stored_trials(const View& record) {
  std::vector<View> out;
  const bool of_gate = record["gate"].present();
  for (const View& trial : record["trials"].items()) {
    if (!of_gate || trial["variant"].is(baseline_name)) out.push_back(trial);
  }
  return out;
}

std::optional<std::string> not_a_baseline(const View& record, const scenario::Plan& plan,
                                          const std::string& kind,
                                          const std::map<std::string, std::string>& machine) {
  if (record["verdict"]["overall"].is("invalid") || record["gate"]["outcome"].is("invalid"))
    return "it was itself invalid";
  if (record["scenario"]["name"].text() != plan.name) {
    return "its scenario was " + record["scenario"]["name"].text("unknown") + ", and this one is " +
           plan.name;
  }
  if (record["cluster"]["kind"].text() != kind) {
    return "its cluster was of kind " + record["cluster"]["kind"].text("unknown") +
           ", and this one is " + kind;
  }
  if (const auto other = differs(machine_of(record["environment"]), machine))
    return "it ran on another machine: " + *other;
  const auto trials = stored_trials(record);
  std::set<std::string> variants;
  for (const View& trial : trials) variants.insert(trial["variant"].text());
  if (variants.size() > 1) {
    return "it has " + std::to_string(variants.size()) +
           " variants, and a baseline is one: store a run of one, by --only";
  }
  const auto valid = valid_trials(trials).size();
  if (valid >= static_cast<std::size_t>(least_stored_trials)) return std::nullopt;
  return "it has " + counted(valid, "valid trial") + ", and it takes " +
         std::to_string(least_stored_trials) + ": store one with --repeat 10";
}

scenario::Plan candidates_of(const scenario::Plan& plan) {
  scenario::Plan out = plan;
  for (auto& trial : out.trials) trial.variant = candidate_name;
  return out;
}

void AgainstCourse::begin(record::Journal& journal) {
  json gate = describe_setting(setting_);
  gate["outcome"] = name_of(Outcome::go_on);
  journal.run({{"gate", std::move(gate)}});
}

void AgainstCourse::before(int, record::Journal&) {}

bool AgainstCourse::enough(record::Journal& journal) {
  const record::RunRecord record = journal.record();
  for (const View& trial : record["trials"].items())
    if (trial["refused"].boolean().value_or(false)) return true;
  return false;
}

void AgainstCourse::conclude(const record::RunRecord& record, bool interrupted, json& end) {
  const auto stored = valid_trials(stored_trials(stored_.view()));
  const auto trials = valid_trials(record["trials"].items());
  const auto gating = std::ranges::count_if(setting_.gated, &Gated::gates);
  json metrics = json::array(), reasons = json::array();
  std::vector<Outcome> outcomes;
  for (const Gated& gated : setting_.gated) {
    const auto compared =
        compare_samples(gated, stored, trials, setting_.rules.alpha / static_cast<double>(gating));
    metrics.push_back(describe_samples(gated, compared));
    if (!gated.gates) continue;
    outcomes.push_back(compared.outcome);
    reasons.push_back(gated.text + ": " + compared.reason);
  }
  std::vector<std::string> broken;
  for (const View& trial : record["trials"].items()) {
    const auto name = "trial " + std::to_string(trial["index"].count() + 1);
    for (auto& why : broken_promises(trial, setting_.expectations))
      broken.push_back(name + ": " + why);
  }
  Outcome outcome = interrupted ? Outcome::inconclusive : worst_outcome(outcomes);
  if (!broken.empty()) outcome = Outcome::fail;
  const std::string reason = fmt::format(
      "{}{} against the stored run {}: weaker than a gate's pairs, as whatever changed "
      "on this machine since then counts too",
      interrupted ? "interrupted, " : "", counted(trials.size(), "trial"),
      stored_["run"]["id"].text());
  for (const auto& why : broken) reasons.insert(reasons.begin(), why);
  reasons.insert(reasons.begin(), reason);
  json gate = describe_setting(setting_);
  gate["pairs"] = json::array();
  gate["metrics"] = std::move(metrics);
  gate["outcome"] = name_of(outcome);
  gate["reason"] = reason;
  gate["broken"] = broken;
  gate["look"] = 1;
  gate["against"] = {{"run", stored_["run"]["id"].text()},
                     {"started_at", stored_["run"]["started_at"].text()},
                     {"trials", stored.size()}};
  end["gate"] = std::move(gate);
  end["verdict"] = verdict_of(outcome, std::move(reasons));
}

}  // namespace seatrial::gate
