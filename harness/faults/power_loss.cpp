// power_loss: the targets lose power at one moment. Their processes end, and so does all that their
// disks had not been told to keep: what was written without fsync is gone, as Kafka's messages are
// by default. The disks have power and file systems again before `inject` returns; heal starts the
// nodes.
#include <algorithm>

#include "faults/disk_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class PowerCut final : public Fault {
 public:
  explicit PowerCut(milliseconds patience) : patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::unpowered; }
  [[nodiscard]] Needs needs() const override { return {.gear = {Gear::disks}}; }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Processes& processes = processes_of(cluster);
    Disks& disks = disks_of(cluster);
    note_running(processes, targets, evidence);
    unmounted_ = targets;
    evidence.lost_power.insert(targets.begin(), targets.end());
    const Instant begun = now();
    cut(processes, disks, targets, evidence);
    const std::uint64_t lost = remount(processes, disks, evidence);
    evidence.facts.push_back("from the cut until the last disk was mounted again " +
                             format_duration(now() - begun) + " passed");
    if (lost == 0)
      throw FaultIneffective("nothing was lost: all had been written and flushed just before");
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    std::vector<std::string> failures;
    try {
      if (!unmounted_.empty()) {
        kill_what_runs(processes_of(cluster));
        remount(processes_of(cluster), disks_of(cluster), evidence);
      }
    } catch (const std::exception& error) {
      failures.emplace_back(error.what());
    }
    for (auto& failure : start_again(cluster, evidence)) failures.push_back(std::move(failure));
    return failures;
  }

 private:
  // While nothing is answered, whoever waits for a disk can neither go on nor end: it is killed
  // first, and let go of then.
  static void cut(Processes& processes, Disks& disks, const std::vector<NodeId>& targets,
                  Evidence& evidence) {
    std::vector<DiskId> all;
    for (const NodeId node : targets)
      for (const DiskId disk : disks.of(node)) all.push_back(disk);
    disks.cut(all);
    for (auto& entry : evidence.nodes) {
      entry.asked = now();
      processes.signal(entry.node, Signal::kill);
    }
    disks.release(all);
  }

  // Returns how many bytes were lost.
  std::uint64_t remount(Processes& processes, Disks& disks, Evidence& evidence) {
    std::uint64_t lost = 0;
    for (auto& entry : evidence.nodes) {
      if (std::ranges::count(unmounted_, entry.node) == 0) continue;
      entry.after = await(processes, entry.node, has_exited, patience_, evidence.stop);
      entry.seen = now();
      if (!has_exited(entry.after))
        throw FaultIneffective(node_text(entry.node) + " should have ended but is " +
                               to_string(entry.after));
      PowerLoss loss;
      for (const DiskId disk : disks.of(entry.node)) {
        const PowerLoss one = disks.remount(disk);
        loss.unflushed += one.unflushed;
        loss.unwritten += one.unwritten;
      }
      std::erase(unmounted_, entry.node);
      count(evidence, entry.node, "bytes lost that the disk had not flushed", loss.unflushed, "B");
      count(evidence, entry.node, "bytes lost that the page cache had", loss.unwritten, "B");
      lost += loss.unflushed + loss.unwritten;
    }
    return lost;
  }

  void kill_what_runs(Processes& processes) const {
    for (const NodeId node : unmounted_) {
      const auto kind = processes.state(node).kind;
      if (kind == ProcessState::Kind::running || kind == ProcessState::Kind::paused)
        processes.signal(node, Signal::kill);
    }
  }

  milliseconds patience_;
  std::vector<NodeId> unmounted_;  // that lost power, and whose file systems are not back yet
};

const Registration<Fault> registration{{
    .name = "power_loss",
    .help = "cut the power: the process ends, and what its disk had not flushed is gone",
    .options = {patience_option("how long to wait until the processes have ended")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<PowerCut>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
