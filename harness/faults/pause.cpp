// pause: SIGSTOP. The process stands still while its kernel goes on acknowledging TCP: a hung
// broker, not a broken network. Healed by SIGCONT; the time between is the pause that reports speak
// of.
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Pause final : public Fault {
 public:
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    note_running(processes, targets, evidence);
    const auto paused = [](const ProcessState& s) { return s.kind == ProcessState::Kind::paused; };
    signal_and_await(processes, Signal::pause, paused, "paused", seconds(2), evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    std::vector<std::string> failures;
    try {
      Processes& processes = processes_of(cluster);
      for (auto& entry : evidence.nodes) {
        if (processes.state(entry.node).kind == ProcessState::Kind::paused) {
          processes.signal(entry.node, Signal::resume);
        } else if (entry.after.kind == ProcessState::Kind::paused && entry.undone == Instant{}) {
          failures.push_back("node " + std::to_string(entry.node.value) + " did not stay paused");
        }
      }
      for (auto& entry : evidence.nodes) {
        const auto moves = [](const ProcessState& s) {
          return s.kind != ProcessState::Kind::paused;
        };
        if (moves(await(processes, entry.node, moves, seconds(2)))) {
          if (entry.undone == Instant{}) entry.undone = now();
        } else {
          failures.push_back("node " + std::to_string(entry.node.value) + " did not resume");
        }
      }
    } catch (const std::exception& error) {
      failures.emplace_back(error.what());
    }
    return failures;
  }
};

const Registration<Fault> registration{{
    .name = "pause",
    .help = "make the process stand still (SIGSTOP); heal lets it go on",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Fault> { return std::make_unique<Pause>(); },
}};

}  // namespace
}  // namespace seatrial::faults
