// Looking until an effect is there.
#include "faults/machine_actions.hpp"

#include <thread>

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

bool await_that(const std::function<bool()>& came, milliseconds budget, const std::stop_token& stop,
                milliseconds every) {
  const Instant deadline = now() + budget;
  while (true) {
    const bool last = now() >= deadline || stop.stop_requested();
    if (came()) return true;
    if (last) return false;
    std::this_thread::sleep_for(every);
  }
}

void count(Evidence& evidence, NodeId node, const std::string& kind, double value,
           const std::string& unit) {
  evidence.counted.push_back(
      {.node = node, .kind = kind, .value = value, .unit = unit, .at = now()});
}

std::vector<std::string> for_each_node(const std::vector<NodeId>& nodes,
                                       const std::function<void(NodeId)>& step) noexcept {
  std::vector<std::string> failures;
  for (const NodeId node : nodes) {
    try {
      step(node);
    } catch (const std::exception& error) {
      const std::string what = error.what();
      const bool named = what.starts_with(node_text(node));
      failures.push_back(named ? what : node_text(node) + ": " + what);
    }
  }
  return failures;
}

OptionSpec seen_within_option() {
  return {.name = "patience",
          .type = OptionType::duration,
          .fallback = "10s",
          .help = "how long to wait until the effect is seen",
          .choices = {}};
}

milliseconds seen_within(const Options& options) {
  return std::chrono::duration_cast<milliseconds>(options.duration("patience"));
}

Result<nanoseconds> parse_signed_duration(std::string_view text) {
  const bool back = text.starts_with('-');
  const bool has_sign = back || text.starts_with('+');
  auto size = parse_duration(text.substr(has_sign ? 1 : 0));
  if (!size) return size.error();
  return back ? -*size : *size;
}

}  // namespace seatrial::faults
