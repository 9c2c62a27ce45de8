// disk_read_only: the file system meets an error and takes no more writes, as file systems do that
// are mounted with errors=remount-ro. Reads go on. Heal mounts it anew, for which a node that still
// runs is killed, and starts the node.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

class ReadOnlyDisk final : public DiskFault {
 public:
  explicit ReadOnlyDisk(milliseconds patience) : patience_(patience) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    touched_ = begin_on_disks(cluster, targets, evidence);
    for (const NodeId node : targets) disks.make_read_only(node);
    for (const NodeId node : targets) {
      await_disk_state(disks, node, DiskState::read_only, patience_, evidence);
      evidence.facts.push_back("a write to the disk of node " + std::to_string(node.value) +
                               " was refused: it is read-only");
    }
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return bring_back(cluster, std::exchange(touched_, {}), patience_, evidence);
  }

 private:
  milliseconds patience_;
  std::vector<NodeEvidence> touched_;
};

const Registration<Fault> registration{{
    .name = "disk_read_only",
    .help = "have the file system take no more writes; heal mounts it anew and starts the node",
    .options = {disk_patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<ReadOnlyDisk>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
