// Who was ended for want of memory, by the kernel's count and the process's end.
#include "faults/memory_actions.hpp"

#include <algorithm>
#include <utility>

#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

// A process of that size takes the kernel a while to take apart.
constexpr milliseconds taken_apart{5000};

}  // namespace

void Squeezed::begin(Cluster& cluster, NodeId node, Instant asked) {
  const ProcessState state = processes_of(cluster).state(node);
  before_[node] = limits_of(cluster).counted(node);
  states_[node] = {.node = node, .asked = asked, .seen = {}, .before = state, .after = state};
  nodes_.push_back(node);
}

bool Squeezed::oom_killed(const Limits& limits, NodeId node) const {
  return limits.counted(node).oom_kills > before(node).oom_kills;
}

bool Squeezed::note_end(Cluster& cluster, NodeId node, Evidence& evidence) {
  const auto noted = std::ranges::find(evidence.nodes, node, &NodeEvidence::node);
  if (noted != evidence.nodes.end()) return true;
  Processes& processes = processes_of(cluster);
  NodeEvidence entry = states_.at(node);
  entry.after = processes.state(node);
  entry.seen = now();
  if (entry.after.kind == ProcessState::Kind::dying)
    entry.after = await(processes, node, has_exited, taken_apart, evidence.stop);
  if (!has_exited(entry.after)) return false;
  const auto kills = limits_of(cluster).counted(node).oom_kills - before(node).oom_kills;
  const bool by_kernel = entry.after.signal == 9 && kills > 0;
  if (by_kernel) effect_ = FaultEffect::killed;
  else if (effect_ == FaultEffect::none) effect_ = FaultEffect::ended;
  evidence.facts.push_back(node_text(node) + ": " + to_string(entry.after) +
                           "; its control group counts " + format_count(kills) +
                           " ended for want of memory");
  evidence.nodes.push_back(entry);
  return true;
}

void Squeezed::relieve(Cluster& cluster, NodeId node, Evidence& evidence) {
  Limits& limits = limits_of(cluster);
  const LimitCounters seen = limits.counted(node);
  limits.crowd_memory(node, false);
  limits.limit_memory(node, std::nullopt);
  const auto difference = [&](std::uint64_t LimitCounters::*counter) {
    return static_cast<double>(seen.*counter - before(node).*counter);
  };
  count(evidence, node, "memory in use", static_cast<double>(seen.memory_bytes), "B");
  count(evidence, node, "times at the limit", difference(&LimitCounters::at_limit));
  count(evidence, node, "OOM kills", difference(&LimitCounters::oom_kills));
  note_end(cluster, node, evidence);
}

std::vector<std::string> Squeezed::heal(Cluster& cluster, Evidence& evidence) noexcept {
  auto failures = for_each_node(std::exchange(nodes_, {}),
                                [&](NodeId node) { relieve(cluster, node, evidence); });
  for (auto& line : start_again(cluster, evidence)) failures.push_back(std::move(line));
  return failures;
}

}  // namespace seatrial::faults
