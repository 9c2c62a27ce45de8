// freeze: the process stands still wherever it is, in the kernel too, and no signal tells of it: as
// a machine that is moved or a container that is paused. Its kernel goes on acknowledging TCP.
#include <utility>

#include "faults/machine_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Freeze final : public Fault {
 public:
  explicit Freeze(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::held; }
  [[nodiscard]] Needs needs() const override { return {.gear = {Gear::limits}}; }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    Limits& limits = limits_of(cluster);
    for (NodeEvidence& entry : evidence.nodes) {
      entry.asked = now();
      frozen_.push_back(entry.node);
      limits.freeze(entry.node, true);
    }
    for (NodeEvidence& entry : evidence.nodes) {
      const auto stands = [&] { return limits.is_frozen(entry.node); };
      const bool frozen = await_that(stands, {.budget = patience_}, evidence.stop);
      entry.seen = now();
      entry.after = processes.state(entry.node);
      if (!frozen) {
        throw FaultIneffective(node_text(entry.node) + " should be frozen but is " +
                               to_string(entry.after));
      }
      evidence.facts.push_back("all threads of " + node_text(entry.node) +
                               " stood still, says its control group");
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    const auto nodes = std::exchange(frozen_, {});
    std::vector<std::string> failures;
    const auto each = [&](const std::function<void(NodeId)>& step) {
      for (auto& line : for_each_node(nodes, step)) failures.push_back(std::move(line));
    };
    each([&](NodeId node) {
      Limits& limits = limits_of(cluster);
      if (was_seen(evidence, node) && !limits.is_frozen(node))
        failures.push_back(node_text(node) + " did not stay frozen");
      limits.freeze(node, false);
    });
    each([&](NodeId node) {
      const auto goes_on = [&] { return !limits_of(cluster).is_frozen(node); };
      if (!await_that(goes_on, {.budget = patience_}, {}))
        failures.push_back(node_text(node) + " stays frozen");
      for (NodeEvidence& entry : evidence.nodes) {
        if (entry.node == node) entry.undone = now();
      }
    });
    return failures;
  }

 private:
  static bool was_seen(const Evidence& evidence, NodeId node) {
    for (const NodeEvidence& entry : evidence.nodes) {
      if (entry.node == node) return entry.after.kind == ProcessState::Kind::paused;
    }
    return false;
  }

  milliseconds patience_;
  std::vector<NodeId> frozen_;
};

const Registration<Fault> registration{{
    .name = "freeze",
    .help =
        "make all threads stand still by a control group, without a signal; heal lets them go on",
    .options = {patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Freeze>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
