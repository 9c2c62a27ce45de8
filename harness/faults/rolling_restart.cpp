// rolling_restart: the targets are shut down in order and started again one after the other, and
// the next one only when every partition of a topic has its replicas in sync again, as an
// operator's script does it. Nothing is left to heal but a start that failed.
#include <algorithm>
#include <thread>

#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class RollingRestart final : public Fault {
 public:
  RollingRestart(std::string topic, milliseconds patience, milliseconds recovery)
      : topic_(std::move(topic)), patience_(patience), recovery_(recovery) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  [[nodiscard]] bool silences_node() const override { return false; }

  [[nodiscard]] Needs needs() const override { return {.topic = topic_}; }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    for (const NodeId target : targets) {
      note_running(processes, {target}, evidence);
      NodeEvidence& entry = evidence.nodes.back();
      entry.asked = now();
      processes.signal(target, Signal::terminate);
      await_end(processes, patience_, entry, evidence.stop);
      start_anew(processes, entry, evidence.stop);
      await_in_sync(cluster, entry, evidence);
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return start_again(cluster, evidence);
  }

 private:
  static bool is_whole(const std::vector<kafka::PartitionState>& partitions) {
    return std::ranges::all_of(partitions, [](const auto& partition) {
      return partition.leader.value >= 0 && partition.isr.size() == partition.replicas.size();
    });
  }

  void await_in_sync(Cluster& cluster, const NodeEvidence& entry, Evidence& evidence) const {
    kafka::Reshape reshape(cluster.nodes());
    const Instant begun = now();
    while (true) {
      const auto partitions = reshape.partitions(topic_, begun + recovery_);
      if (partitions && is_whole(*partitions)) break;
      if (now() >= begun + recovery_ || evidence.stop.stop_requested()) {
        throw FaultIneffective(
            "after " + node_text(entry.node) + " restarted, " + topic_ +
            (partitions ? " was not fully in sync in time" : ": " + partitions.error().message));
      }
      std::this_thread::sleep_for(milliseconds(50));
    }
    evidence.facts.push_back(node_text(entry.node) + " restarted; " + topic_ + " in sync after " +
                             std::to_string((now() - begun) / milliseconds(1)) + " ms");
  }

  std::string topic_;
  milliseconds patience_;
  milliseconds recovery_;
};

const Registration<Fault> registration{{
    .name = "rolling_restart",
    .help = "restart the targets one by one, each when the topic is in sync again",
    .options = {{.name = "topic", .help = "whose replicas must be in sync", .required = true},
                patience_option("how long to wait for the orderly end before SIGKILL"),
                {.name = "recovery",
                 .type = OptionType::duration,
                 .fallback = "60s",
                 .help = "how long to wait after each until the replicas are in sync",
                 .validate = check_time}},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RollingRestart>(
          options.text("topic"), patience_of(options),
          std::chrono::duration_cast<milliseconds>(options.duration("recovery")));
    },
}};

}  // namespace
}  // namespace seatrial::faults
