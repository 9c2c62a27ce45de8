// Loads a scenario once as it is, and once for each search as its axes have it.
#include "cli/capacity_arguments.hpp"

#include <CLI/CLI.hpp>
#include <set>

#include "capacity/axes.hpp"
#include "capacity/targets.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::cli {
namespace {

constexpr auto usual_budget = std::chrono::minutes(20);  // of each search
constexpr double least_width = 0.01, most_width = 0.5;

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw UsageError(result.error().message);
  return std::move(*result);
}

void require_one_variant(const scenario::Plan& plan) {
  std::set<std::string> names;
  for (const auto& trial : plan.trials) names.insert(trial.variant);
  if (names.size() == 1) return;
  std::string listed;
  for (const auto& name : names) listed += (listed.empty() ? "'" : ", '") + name + "'";
  const std::string axis = plan.axes.empty() ? "AXIS" : plan.axes.front();
  throw UsageError("a search is for the load of one variant, and the scenario has " +
                   std::to_string(names.size()) + " (" + listed +
                   "): name one with --only, fix its axis, as in --set matrix." + axis +
                   "=[VALUE], or vary a setting with --over");
}

double width_of(const std::optional<std::string>& typed) {
  if (!typed) return capacity::SearchRules{}.width;
  const auto share = scenario::parse_share(*typed);
  if (!share || *share < least_width || *share > most_width)
    throw UsageError("--width: write how narrow an interval shall be, from 1% to 50%, as in 5%");
  return *share;
}

nanoseconds budget_or_usual(const std::optional<std::string>& typed, std::size_t searches) {
  if (!typed) return usual_budget * static_cast<std::int64_t>(searches);
  const auto span = parse_duration(*typed);
  if (!span) throw UsageError("--budget: " + span.error().message + "; write it as in 15m");
  return *span;
}

capacity::Base base_of(const scenario::Plan& plan, const capacity::Cell& cell,
                       const std::vector<std::string>& slo) {
  require_one_variant(plan);
  capacity::Base out{.name = cell.name(), .axes = {}, .trial = plan.trials.front()};
  for (const auto& [axis, value] : cell.values) out.axes[axis] = value;
  out.searched = value_or_throw(capacity::searched_in(out.trial));
  // As short as its first trials are: what these cannot tell, none can.
  const auto first = capacity::at_load(
      out.trial, out.searched, {.phase = capacity::Phase::bracket, .per_s = out.searched.per_s});
  out.pass.targets = value_or_throw(capacity::targets_of(slo, first));
  for (const auto& [name, per_s] : out.searched.rates_per_s) out.pass.workloads.push_back(name);
  return out;
}

// A bracket of a load and its double, and the last two phases.
void require_room(const capacity::Base& base, double budget_s) {
  const auto& cost = base.rules.cost_s;
  const double least = 2 * cost[0] + cost[3] + cost[4];
  if (budget_s >= least) return;
  const auto needs = format_duration(seconds(static_cast<std::int64_t>(least) + 1));
  throw UsageError("a budget of " + format_duration(seconds(static_cast<std::int64_t>(budget_s))) +
                   " for a search is too small: two trials, one again at the lower bound and a "
                   "soak take up to " +
                   needs + "; give it that, or shorten phases.measure");
}

}  // namespace

void CapacityArguments::declare(CLI::App& line) {
  scenario.declare(line);
  line.add_option("--slo", slo,
                  "what a load must keep, as in \"p99(produce.response) <= 20ms\" (may be given "
                  "again); acked_lost == 0 is always one")
      ->required()
      ->allow_extra_args(false);
  line.add_option("--over", over,
                  "an axis and its values, as in partitions=1,2,4,8: a search for each (twice: for "
                  "each pair)")
      ->allow_extra_args(false);
  line.add_option("--budget", budget, "time for all searches, as in 15m; default: 20m for each");
  line.add_option("--width", width, "how narrow an interval shall be; default: 5%");
}

LoadedCapacity CapacityArguments::load() const {
  if (scenario.repeat)
    throw UsageError("--repeat: a search says itself how many trials it needs; --budget limits it");
  const auto axes = value_or_throw(capacity::parse_axes(over));
  const scenario::Plan plain = scenario.load();
  require_one_variant(plain);
  const auto cells = capacity::cells_of(axes);
  const double share = width_of(width);
  const auto all = budget_or_usual(budget, cells.size());
  const double each_s = to_seconds(all) / static_cast<double>(cells.size());
  LoadedCapacity out;
  for (const auto& axis : axes) out.setting.axes.push_back(axis.name);
  out.setting.settings = scenario.settings;
  for (const auto& typed : over) out.setting.settings.push_back("over " + typed);
  out.setting.budget_s = to_seconds(all);
  for (const auto& cell : cells) {
    ScenarioArguments with = scenario;
    for (auto& setting : capacity::settings_of(cell, plain.trials.front()))
      with.settings.push_back(std::move(setting));
    try {
      out.setting.bases.push_back(base_of(cell.values.empty() ? plain : with.load(), cell, slo));
    } catch (const UsageError& error) {
      if (cell.values.empty()) throw;
      throw UsageError("the search at " + cell.name() + ": " + error.what());
    }
    auto& base = out.setting.bases.back();
    out.setting.fresh_brokers = capacity::needs_fresh_brokers(base.trial);
    base.rules = capacity::rules_for(base, share, each_s, out.setting.fresh_brokers);
    require_room(base, each_s);
  }
  out.plan = capacity::planned(plain, out.setting);
  return out;
}

}  // namespace seatrial::cli
