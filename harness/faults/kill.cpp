// kill: SIGKILL, as a crash of the process. What the kernel had buffered survives (the page cache
// is the machine's), so a kill alone never loses unsynced writes. Healed by starting the node again
// on its data.
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Kill final : public Fault {
 public:
  explicit Kill(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::killed; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    const auto killed = [](const ProcessState& s) { return has_exited(s) && s.signal == 9; };
    signal_and_await(processes, Signal::kill, killed, "killed by signal 9", patience_, evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    await_dying(cluster, evidence);
    return start_again(cluster, evidence);
  }

 private:
  // A kill cannot be taken back: one whose effect was not seen in time has it later, and the node
  // must be started again then.
  void await_dying(Cluster& cluster, Evidence& evidence) const noexcept {
    for (auto& entry : evidence.nodes) {
      if (has_exited(entry.after) || entry.undone != Instant{}) continue;
      try {
        await(processes_of(cluster), entry.node, has_exited, patience_, evidence.stop);
      } catch (const std::exception&) {
        return;  // starting again meets the same, and tells it
      }
    }
  }

  milliseconds patience_;
};

const Registration<Fault> registration{{
    .name = "kill",
    .help = "end the process at once (SIGKILL); heal starts it again with its data",
    .options = {patience_option("how long to wait until the effect is seen")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Kill>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
