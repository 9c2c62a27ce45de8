// Pairs of trials.
#include "gate/pairing.hpp"

#include <algorithm>
#include <set>

#include "core/mix.hpp"

namespace seatrial::gate {
namespace {

std::optional<std::string> several_variants(const scenario::Plan& plan) {
  std::set<std::string> names;
  for (const auto& trial : plan.trials) names.insert(trial.variant);
  if (names.size() <= 1) return std::nullopt;
  std::string listed;
  for (const auto& name : names) listed += (listed.empty() ? "'" : ", '") + name + "'";
  const std::string axis = plan.axes.empty() ? "AXIS" : plan.axes.front();
  return "a gate compares two ways to run one trial, and the scenario has " +
         std::to_string(names.size()) + " variants (" + listed +
         "): name one with --only, or fix its axis, as in --set matrix." + axis + "=[VALUE]";
}

}  // namespace

std::optional<std::string> not_comparable(const scenario::Plan& baseline,
                                          const scenario::Plan& candidate) {
  for (const auto* plan : {&baseline, &candidate}) {
    if (auto why = several_variants(*plan)) return why;
  }
  const auto& a = baseline.trials.front().cluster.kind;
  const auto& b = candidate.trials.front().cluster.kind;
  if (a != b) {
    return "baseline and candidate must be of one kind of cluster, and these are " + a + " and " +
           b + ": kinds differ in more than what a gate could tell";
  }
  return std::nullopt;
}

bool candidate_first(std::uint64_t seed, int pair) {
  const auto block = static_cast<std::uint64_t>(pair / 2) + 1;
  const bool of_block = (mix(seed + block * golden_gamma) & 1) != 0;
  return of_block == (pair % 2 == 0);
}

scenario::Plan paired(const scenario::Plan& baseline,
                      const std::vector<const scenario::Plan*>& candidates) {
  scenario::Plan out = baseline;
  out.trials.clear();
  for (std::size_t pair = 0; pair < baseline.trials.size(); ++pair) {
    scenario::TrialPlan a = baseline.trials[pair];
    scenario::TrialPlan b = candidates[pair % candidates.size()]->trials[pair];
    a.variant = baseline_name;
    b.variant = candidate_name;
    b.seed = a.seed;
    if (candidate_first(baseline.seed, static_cast<int>(pair))) std::swap(a, b);
    for (auto* half : {&a, &b}) {
      half->index = static_cast<int>(out.trials.size());
      half->repeat = static_cast<int>(pair);
      out.trials.push_back(std::move(*half));
    }
  }
  for (const auto* candidate : candidates) {
    for (const auto& secret : candidate->secrets) {
      if (std::ranges::find(out.secrets, secret) == out.secrets.end())
        out.secrets.push_back(secret);
    }
  }
  return out;
}

}  // namespace seatrial::gate
