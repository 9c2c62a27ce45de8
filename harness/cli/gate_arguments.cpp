// Loads a scenario three times: as it is, for what it says of the gate, and as either side has it.
#include "cli/gate_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "clusters/files.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "gate/against.hpp"
#include "gate/certify.hpp"
#include "gate/pairing.hpp"
#include "gate/plan_text.hpp"
#include "gate/power.hpp"

namespace seatrial::cli {
namespace {

bool begins_setting(std::string_view text) {
  const auto end = text.find_first_of("=,[]{} ");
  return end != std::string_view::npos && end > 0 && text[end] == '=';
}

std::vector<std::string> all_of(const std::vector<std::string>& typed) {
  std::vector<std::string> out;
  for (const auto& text : typed)
    for (auto& setting : split_settings(text)) out.push_back(std::move(setting));
  return out;
}

std::map<std::string, std::string> by_name(const std::vector<std::string>& settings) {
  std::map<std::string, std::string> out;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals != std::string::npos) out[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return out;
}

scenario::Plan load_side(ScenarioArguments arguments, const std::vector<std::string>& settings,
                         const std::string& side, int pairs) {
  arguments.settings.insert(arguments.settings.end(), settings.begin(), settings.end());
  arguments.repeat = std::to_string(pairs);
  try {
    return arguments.load();
  } catch (const UsageError& error) {
    throw UsageError("the gate's " + side + ": " + error.what());
  }
}

int most_pairs(const gate::Rules& rules) {
  return static_cast<int>(std::ceil(rules.looks.back() / (1 - rules.max_void)));
}

std::optional<nanoseconds> budget_of(const GateArguments& arguments,
                                     const scenario::GatePlan& gate) {
  if (!arguments.budget) return gate.budget;
  const auto span = parse_duration(*arguments.budget);
  if (!span) throw UsageError("--budget: " + span.error().message + "; write it as in 15m");
  return *span;
}

// That gate by statistics; counts are judged exactly.
int measured_ones(const std::vector<gate::Gated>& gated) {
  return static_cast<int>(
      std::ranges::count_if(gated, [](const auto& one) { return one.gates && !one.exact; }));
}

// Which looks there is time for.
void fit(gate::Rules& rules, nanoseconds budget, nanoseconds each, int metrics) {
  auto looks = gate::looks_within(rules, to_seconds(each), to_seconds(budget), metrics);
  if (!looks.empty()) {
    rules.looks = std::move(looks);
    return;
  }
  throw UsageError("a budget of " + format_duration(budget) +
                   " is too small for one look: a pair takes about " + format_duration(each) +
                   ", and fewer than ten or so can show nothing; give it " +
                   format_duration(each * rules.looks.front()) +
                   ", shorten phases.measure or phases.warmup, or gate fewer metrics");
}

// Of the brokers' CPU time the scenario gives, so much that what they do takes that much longer.
scenario::Plan load_slowed(const ScenarioArguments& arguments, double cpus,
                           std::string_view slowdown, int pairs) {
  const double factor = *parse_number(slowdown);
  return load_side(arguments, {fmt::format("cluster.cpus={:.6g}", cpus / factor)},
                   "slowdown of " + std::string(slowdown), pairs);
}

}  // namespace

std::string GateArguments::certifying_scenario() {
  return (clusters::project_home() / "scenarios" / "regression" / "certify.yaml").string();
}

LoadedGate GateArguments::load_against() const {
  if (scenario.repeat || budget)
    throw UsageError(
        "--against takes ten trials of the candidate: leave --repeat and --budget out");
  if (!baseline.empty())
    throw UsageError("--against: the stored run is the baseline; leave --baseline out");
  const scenario::Plan plain = scenario.load();
  const scenario::GatePlan gate = plain.gate.value_or(scenario::GatePlan{});
  const auto of_candidate = candidate.empty() ? gate.candidate : all_of(candidate);
  LoadedGate out;
  out.setting.candidate = by_name(of_candidate);
  out.setting.settings = scenario.settings;
  const auto plan = load_side(scenario, of_candidate, "candidate", gate::trials_against);
  if (const auto why = gate::not_comparable(plan, plan)) throw UsageError(*why);
  out.pairs = gate::candidates_of(plan);
  out.setting.gated = gate::gated_metrics(gate, out.pairs.trials.front());
  out.setting.expectations = out.pairs.expectations;
  if (std::ranges::none_of(out.setting.gated, &gate::Gated::gates))
    throw UsageError("gate: no metric gates: leave out `gates: false` of one");
  return out;
}

LoadedCertification GateArguments::load_certification() const {
  constexpr int pairs = 400;
  constexpr auto usual_budget = std::chrono::hours(1);
  if (!baseline.empty() || !candidate.empty())
    throw UsageError("--certify compares the scenario with itself: leave its sides out");
  const auto equals = load_side(scenario, {}, "scenario", pairs);
  if (const auto why = gate::not_comparable(equals, equals)) throw UsageError(*why);
  const double cpus = equals.trials.front().cluster.cpus;
  if (cpus <= 0) {
    throw UsageError(
        "--certify injects slowdowns by giving brokers less CPU time, so the scenario must limit "
        "it: set cluster.cpus to less than the brokers would use, as certify.yaml does");
  }
  std::vector<scenario::Plan> slowed;
  for (const auto slowdown : gate::slowdowns)
    slowed.push_back(load_slowed(scenario, cpus, slowdown, pairs));
  std::vector<const scenario::Plan*> turns;
  for (const auto& plan : slowed) turns.push_back(&plan);
  LoadedCertification out{.pairs = gate::paired(equals, turns)};
  for (std::size_t i = 0; i < out.pairs.trials.size(); ++i) {
    const auto slowdown = gate::slowdowns[i / 2 % gate::slowdowns.size()];
    out.pairs.trials[i].axes[std::string(gate::slowdown_axis)] = slowdown;
  }
  out.gated =
      gate::gated_metrics(equals.gate.value_or(scenario::GatePlan{}), out.pairs.trials.front())
          .front();
  out.budget = budget_of(*this, scenario::GatePlan{}).value_or(usual_budget);
  return out;
}

std::vector<std::string> split_settings(const std::string& text) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && begins_setting(std::string_view(text).substr(i + 1))) out.emplace_back();
    else out.back() += text[i];
  }
  return out;
}

void GateArguments::declare(CLI::App& line) {
  scenario.declare(line);
  line.add_option("--baseline", baseline,
                  "what the baseline sets, as in cluster.version=4.2.0; default: nothing")
      ->allow_extra_args(false);
  line.add_option("--candidate", candidate, "what the candidate sets; several with commas between")
      ->allow_extra_args(false);
  line.add_option("--budget", budget, "time for the whole gate, as in 15m: chooses its looks");
}

bool GateArguments::asked(const scenario::Plan& plan) const {
  return plan.gate || !baseline.empty() || !candidate.empty() || budget;
}

LoadedGate GateArguments::load() const {
  if (scenario.repeat)
    throw UsageError("--repeat: a gate says itself how many pairs it needs; --budget limits them");
  const scenario::Plan plain = scenario.load();
  if (!asked(plain)) {
    throw UsageError(
        "a gate compares two sides: say what differs, as in --candidate cluster.version=4.3.1, or "
        "in the scenario's gate: block (--candidate with what the scenario sets anyway compares it "
        "with itself)");
  }
  const scenario::GatePlan gate = plain.gate.value_or(scenario::GatePlan{});
  const auto of_baseline = baseline.empty() ? gate.baseline : all_of(baseline);
  const auto of_candidate = candidate.empty() ? gate.candidate : all_of(candidate);
  LoadedGate out;
  out.setting.baseline = by_name(of_baseline);
  out.setting.candidate = by_name(of_candidate);
  out.setting.settings = scenario.settings;
  const auto load_pairs = [&](int pairs) {
    const auto a = load_side(scenario, of_baseline, "baseline", pairs);
    const auto b = load_side(scenario, of_candidate, "candidate", pairs);
    if (const auto why = gate::not_comparable(a, b)) throw UsageError(*why);
    return gate::paired(a, {&b});
  };
  out.pairs = load_pairs(most_pairs(out.setting.rules));
  const auto& first = out.pairs.trials.front();
  const bool is_baseline = first.variant == gate::baseline_name;
  out.setting.gated = gate::gated_metrics(gate, is_baseline ? first : out.pairs.trials.at(1));
  out.setting.expectations = out.pairs.expectations;
  if (std::ranges::none_of(out.setting.gated, &gate::Gated::gates))
    throw UsageError("gate: no metric gates: leave out `gates: false` of one");
  if (const auto budget_span = budget_of(*this, gate)) {
    fit(out.setting.rules, *budget_span, gate::pair_duration(out.pairs),
        measured_ones(out.setting.gated));
    const auto most = static_cast<std::size_t>(most_pairs(out.setting.rules)) * 2;
    out.pairs.trials.resize(std::min(out.pairs.trials.size(), most));
  }
  return out;
}

}  // namespace seatrial::cli
