// disk_full: something else takes the room on the node's file system. A broker that finds none for
// its only folder of data gives it up and halts. Heal frees the room, and starts a node that ended.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

class FullDisk final : public DiskFault {
 public:
  FullDisk(std::uint64_t leave, milliseconds patience) : leave_(leave), patience_(patience) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    touched_ = begin_on_disks(cluster, targets, evidence);
    for (const NodeId node : targets) {
      disks.fill(node, leave_);
      count(evidence, node, "bytes left on the disk", disks.free_bytes(node), "B");
    }
    for (const NodeId node : targets)
      await_disk_state(disks, node, DiskState::full, patience_, evidence);
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    std::vector<std::string> failures;
    for (const NodeEvidence& entry : touched_) {
      try {
        disks_of(cluster).unfill(entry.node);
      } catch (const std::exception& error) {
        failures.emplace_back(error.what());
      }
    }
    for (auto& failure : bring_back(cluster, std::exchange(touched_, {}), patience_, evidence))
      failures.push_back(std::move(failure));
    return failures;
  }

 private:
  std::uint64_t leave_;
  milliseconds patience_;
  std::vector<NodeEvidence> touched_;
};

const Registration<Fault> registration{{
    .name = "disk_full",
    .help = "take the room on the disk; heal frees it, and starts a node that ended",
    .options = {{.name = "leave",
                 .type = OptionType::size,
                 .fallback = "0B",
                 .help = "so much is left, and the effect comes when the node has used it"},
                disk_patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<FullDisk>(options.bytes("leave"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
