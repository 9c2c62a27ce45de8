// pause: SIGSTOP. The process stands still while its kernel goes on acknowledging TCP: a hung
// broker, not a broken network. Healed by SIGCONT; the time between is the pause that reports speak
// of.
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Pause final : public Fault {
 public:
  explicit Pause(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::held; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    const auto paused = [](const ProcessState& s) { return !moves(s); };
    signal_and_await(processes, Signal::pause, paused, "paused", patience_, evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    std::vector<std::string> failures;
    const auto each = [&](auto step) {
      for (auto& entry : evidence.nodes) {
        try {
          step(processes_of(cluster), entry);
        } catch (const std::exception& error) {
          failures.push_back(node_text(entry.node) + ": " + error.what());
        }
      }
    };
    each([&](Processes& processes, NodeEvidence& entry) { resume(processes, entry, failures); });
    each([&](Processes& processes, NodeEvidence& entry) {
      if (moves(await(processes, entry.node, moves, patience_, evidence.stop))) {
        if (entry.undone == Instant{}) entry.undone = now();
      } else {
        failures.push_back(node_text(entry.node) + " did not resume");
      }
    });
    return failures;
  }

 private:
  static bool moves(const ProcessState& s) { return s.kind != ProcessState::Kind::paused; }

  // Also a node that was never seen paused is told to go on: a stop that was asked for may still
  // come.
  static void resume(Processes& processes, const NodeEvidence& entry,
                     std::vector<std::string>& failures) {
    const ProcessState state = processes.state(entry.node);
    if (state.kind != ProcessState::Kind::running && state.kind != ProcessState::Kind::paused)
      return;
    if (moves(state) && !moves(entry.after) && entry.undone == Instant{}) {
      failures.push_back(node_text(entry.node) + " did not stay paused");
    }
    processes.signal(entry.node, Signal::resume);
  }

  milliseconds patience_;
};

const Registration<Fault> registration{{
    .name = "pause",
    .help = "make the process stand still (SIGSTOP); heal lets it go on",
    .options = {patience_option("how long to wait until the effect is seen")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Pause>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
