// How often leadership moved: what a fault, or a false alarm, did to the cluster.
#include <map>
#include <utility>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

// A partition that has nobody for a while, and then its old leader again, has moved nowhere. What
// moves before measure, or as faults are undone at its end, is nobody's question.
Measured leader_changes(const MetricQuestion& question, const View& trial) {
  if (!trial["leadership"].present()) return Measured::nothing(not_recorded(question));
  std::map<std::pair<std::string, std::string>, std::int64_t> leaders;
  const double end_s = measured_s(trial);
  double changes = 0;
  for (const View& state : trial["leadership"].items()) {
    const auto leader = state["leader"].integer();
    if (!leader || *leader < 0) continue;
    const auto [last, first] =
        leaders.emplace(std::pair{state["topic"].text("?"), state["partition"].text("?")}, *leader);
    const double at_s = state["t_s"].number_or(-1);
    if (first || std::exchange(last->second, *leader) == *leader) continue;
    if (at_s >= 0 && at_s <= end_s) ++changes;
  }
  return Measured::exactly(changes);
}

using enum MetricKind;
using enum MetricSide;
const auto leader_changes_registration = metric<count, cluster, leader_changes>(
    "leader_changes", "times that a partition got another leader than it had, within measure");

}  // namespace
}  // namespace seatrial::judge
