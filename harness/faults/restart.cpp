// restart: an orderly shutdown and a start right after it, as in a rolling upgrade, one target
// after the other. The effect is a new process; there is nothing left to heal but a start that
// failed.
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Restart final : public Fault {
 public:
  explicit Restart(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    for (auto& entry : evidence.nodes) {
      entry.asked = now();
      processes.signal(entry.node, Signal::terminate);
      await_end(processes, patience_, entry, evidence.stop);
      start_anew(processes, entry, evidence.stop);
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return start_again(cluster, evidence);
  }

  [[nodiscard]] bool silences_node() const override { return false; }

 private:
  milliseconds patience_;
};

const Registration<Fault> registration{{
    .name = "restart",
    .help = "shut down in order and start again at once, one target after the other",
    .options = {patience_option("how long to wait for the orderly end before SIGKILL")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Restart>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
