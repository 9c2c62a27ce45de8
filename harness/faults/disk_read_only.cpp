// disk_read_only: the file system meets an error and takes no more writes, as file systems do that
// are mounted with errors=remount-ro. Reads go on. Heal mounts it anew, for which a node that still
// runs is ended (a broker with several log dirs in order), and starts the node.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

class ReadOnlyDisk final : public DiskFault {
 public:
  explicit ReadOnlyDisk(const Options& options)
      : DiskFault(options), patience_(patience_of(options)) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    touched_ = begin_on_disks(cluster, targeted(disks, targets), targets, evidence);
    for (const DiskId disk : touched_.disks) disks.make_read_only(disk);
    for (const DiskId disk : touched_.disks) {
      await_disk_state(disks, disk, DiskState::read_only, patience_, evidence);
      evidence.facts.push_back("a write to the disk" + of_log_dir(disks, disk) + " of node " +
                               std::to_string(disk.node.value) + " was refused: it is read-only");
    }
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return bring_back(cluster, std::exchange(touched_, {}), patience_, evidence);
  }

 private:
  milliseconds patience_;
  TouchedDisks touched_;
};

const Registration<Fault> registration{{
    .name = "disk_read_only",
    .help = "have the file system take no more writes; heal mounts it anew and starts the node",
    .options = {log_dir_option(), disk_patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<ReadOnlyDisk>(options);
    },
}};

}  // namespace
}  // namespace seatrial::faults
