// From judge's constraints, of the trials at either bound.
#include "capacity/bound.hpp"

#include "judge/constraint.hpp"

namespace seatrial::capacity {
namespace {

std::vector<judge::Scene> scenes_of(const View& record, const std::vector<std::size_t>& places) {
  const double cores = record["environment"]["cores"].number_or(0);
  std::vector<judge::Scene> out;
  for (const std::size_t place : places) {
    const View trial = record["trials"].at(place);
    if (trial) out.push_back({.trial = trial, .cores = cores});
  }
  return out;
}

}  // namespace

Bound bound_between(const View& record, const std::vector<std::size_t>& trials_at_lower,
                    const std::vector<std::size_t>& trials_at_upper, bool generator) {
  if (generator)
    return {.name = "generator", .text = "the load generator was late of itself", .evidence = {}};
  const auto failed = scenes_of(record, trials_at_upper);
  if (failed.empty())
    return {.name = "not examined", .text = "no load failed that could show it", .evidence = {}};
  const auto found = judge::bound_by_most(failed, scenes_of(record, trials_at_lower));
  Bound out{.name = found.leading.name, .text = found.leading.evidence, .evidence = {}};
  if (!found.leading.needs.empty()) out.text += "; what would move it: " + found.leading.needs;
  for (const judge::Bound& other : found.others)
    out.evidence.push_back("also at its limit, " + other.name + ": " + other.evidence);
  return out;
}

}  // namespace seatrial::capacity
