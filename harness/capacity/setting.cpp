// Worst cases, and the plan as text.
#include "capacity/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/counted.hpp"
#include "core/units.hpp"
#include "scenario/draw.hpp"

namespace seatrial::capacity {
namespace {

constexpr std::array searching{Phase::bracket, Phase::bisect, Phase::confirm, Phase::retest,
                               Phase::soak};

std::string seconds_text(double s) { return format_duration(nanoseconds(std::llround(s * 1e9))); }

std::string targets_text(const Base& base) {
  std::string out;
  for (const auto& target : base.pass.targets) out += (out.empty() ? "" : ", ") + target.text;
  return out;
}

std::string rates_text(const Searched& searched) {
  std::string out;
  for (const auto& [name, per_s] : searched.rates_per_s)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out;
}

}  // namespace

bool needs_fresh_brokers(const scenario::TrialPlan& trial) { return !trial.timeline.empty(); }

SearchRules rules_for(const Base& base, double width, double budget_s, bool fresh) {
  SearchRules out{.start_per_s = base.searched.per_s, .width = width, .budget_s = budget_s};
  for (std::size_t i = 0; i < searching.size(); ++i) {
    const Span span = length_of(base.trial, searching[i], fresh);
    out.cost_s[i] = span.most_s;
    out.usual_cost_s[i] = span.usual_s;
  }
  return out;
}

int most_trials(const Setting& setting) {
  int sum = 0;
  for (const auto& base : setting.bases) sum += most_trials(base.rules);
  return sum;
}

double most_seconds(const Setting& setting) {
  double sum = 0;
  for (const auto& base : setting.bases) sum += most_seconds(base.rules);
  return sum;
}

double usual_seconds(const Setting& setting) {
  double sum = 0;
  for (const auto& base : setting.bases) sum += usual_seconds(base.rules);
  return sum;
}

scenario::Plan planned(const scenario::Plan& plain, const Setting& setting) {
  scenario::Plan out = plain;
  out.trials.clear();
  out.axes = setting.axes;
  out.axes.emplace_back("rate");
  const int most = most_trials(setting);
  for (int i = 0; i < most; ++i) {
    out.trials.push_back(setting.bases.front().trial);
    out.trials.back().index = i;
    out.trials.back().repeat = 0;
    out.trials.back().seed = scenario::derive_seed(plain.seed, static_cast<std::uint64_t>(i));
  }
  return out;
}

std::string plan_to_text(const Setting& setting) {
  const Base& first = setting.bases.front();
  const SearchRules& rules = first.rules;
  std::string out = "target:    " + targets_text(first) + "\n";
  if (setting.bases.size() > 1) {
    out += fmt::format("searches:  {}:", counted(setting.bases.size(), "search", "searches"));
    for (const auto& base : setting.bases) out += (&base == &first ? " " : ", ") + base.name;
    out += "\n";
  }
  out += fmt::format(
      "load:      the rate of {}, from {} on; doubled or halved, then halved between to {:.3g} %\n",
      rates_text(first.searched), rate_text(first.searched.per_s), rules.width * 100);
  out += fmt::format(
      "trials:    {} to bracket it, {} between, {} again at the lower bound, {} soak at {:.0f} %\n",
      seconds_text(to_seconds(measure_of(first.trial, Phase::bracket))),
      seconds_text(to_seconds(measure_of(first.trial, Phase::bisect))),
      seconds_text(to_seconds(measure_of(first.trial, Phase::retest))),
      seconds_text(to_seconds(measure_of(first.trial, Phase::soak))), rules.soak_share * 100);
  out += fmt::format("brokers:   {}\n", setting.fresh_brokers
                                            ? "fresh for each trial, since faults change them"
                                            : "run on between loads, with fresh topics");
  out += fmt::format("time:      about {} trials and {}; at most {} and {}\n",
                     usual_trials(rules) * static_cast<int>(setting.bases.size()),
                     seconds_text(usual_seconds(setting)), most_trials(setting),
                     seconds_text(most_seconds(setting)));
  return out;
}

}  // namespace seatrial::capacity
