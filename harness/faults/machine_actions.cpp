// What a cluster can be limited in, and told the time by.
#include "faults/machine_actions.hpp"

namespace seatrial::faults {

Limits& limits_of(Cluster& cluster) {
  Limits* limits = cluster.limits();
  if (limits == nullptr)
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no limits to set");
  return *limits;
}

Clocks& clocks_of(Cluster& cluster) {
  Clocks* clocks = cluster.clocks();
  if (clocks == nullptr)
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no clocks to set");
  return *clocks;
}

void require_running(Cluster& cluster, const std::vector<NodeId>& targets) {
  if (targets.empty()) throw FaultIneffective("the target resolved to no node");
  const Processes* processes = cluster.processes();
  for (const NodeId node : targets) {
    const ProcessState state = processes == nullptr ? ProcessState{} : processes->state(node);
    if (state.kind != ProcessState::Kind::running)
      throw FaultIneffective(node_text(node) + " was not running but " + to_string(state));
  }
}

Result<nanoseconds> parse_signed_duration(std::string_view text) {
  const bool back = text.starts_with('-');
  const bool has_sign = back || text.starts_with('+');
  auto size = parse_duration(text.substr(has_sign ? 1 : 0));
  if (!size) return size.error();
  return back ? -*size : *size;
}

}  // namespace seatrial::faults
