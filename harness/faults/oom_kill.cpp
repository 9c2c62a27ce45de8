// oom_kill: the kernel ends the target for want of memory, as where something beside it in the same
// container takes all there is. A process that only takes memory is put into the target's control
// group, which may then grow no further; the kernel ends the target first. Healed by starting it
// again on its data.
#include <algorithm>

#include "faults/memory_actions.hpp"

namespace seatrial::faults {
namespace {

// For what the other process needs to come up.
constexpr std::uint64_t room_bytes = 16U << 20;

class OomKill final : public Fault {
 public:
  explicit OomKill(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::killed; }
  [[nodiscard]] Needs needs() const override { return {.gear = {Gear::limits}}; }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    require_running(cluster, targets);
    Limits& limits = limits_of(cluster);
    for (const NodeId node : targets) {
      squeezed_.begin(cluster, node, now());
      limits.limit_memory(node, squeezed_.before(node).memory_bytes + room_bytes);
      limits.crowd_memory(node, true);
    }
    for (const NodeId node : targets) await_kill(cluster, limits, node, evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return squeezed_.heal(cluster, evidence);
  }

 private:
  void await_kill(Cluster& cluster, Limits& limits, NodeId node, Evidence& evidence) {
    const auto taken = [&] { return squeezed_.note_end(cluster, node, evidence); };
    const bool ended = await_that(taken, {.budget = patience_}, evidence.stop);
    limits.crowd_memory(node, false);
    const auto entry = std::ranges::find(evidence.nodes, node, &NodeEvidence::node);
    if (ended && entry->after.signal == 9 && squeezed_.oom_killed(limits, node)) return;
    throw FaultIneffective(node_text(node) + " should have been ended for want of memory within " +
                           format_duration(patience_) + " but is " +
                           to_string(ended ? entry->after : cluster.processes()->state(node)));
  }

  milliseconds patience_;
  Squeezed squeezed_;
};

const Registration<Fault> registration{{
    .name = "oom_kill",
    .help =
        "have the kernel end the process for want of memory; heal starts it again with its data",
    .options = {patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<OomKill>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
