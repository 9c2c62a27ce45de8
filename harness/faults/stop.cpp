// stop: SIGTERM, an orderly shutdown in which the broker hands its leaderships over first. After
// `patience` the process is killed, and the evidence shows the signal. Healed by starting the node
// again.
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Stop final : public Fault {
 public:
  explicit Stop(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    for (auto& entry : evidence.nodes) {
      entry.asked = now();
      processes.signal(entry.node, Signal::terminate);
    }
    for (auto& entry : evidence.nodes) await_end(processes, patience_, entry, evidence.stop);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return start_again(cluster, evidence);
  }

 private:
  milliseconds patience_;
};

const Registration<Fault> registration{{
    .name = "stop",
    .help = "shut down in order (SIGTERM); heal starts the node again with its data",
    .options = {patience_option("how long to wait for the orderly end before SIGKILL")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Stop>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
