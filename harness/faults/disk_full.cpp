// disk_full: something else takes the room on the node's file systems. A broker that finds none in
// one of its log dirs gives that up: leaders move away from what is in it, and the broker goes on
// without, but for its last one, and for the one with the cluster's metadata, without which it
// halts. Heal frees the room, starts a node that ended, and has a broker take back what it gave up,
// which it does when it is started.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

class FullDisk final : public DiskFault {
 public:
  explicit FullDisk(const Options& options)
      : DiskFault(options), leave_(options.bytes("leave")), patience_(patience_of(options)) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    touched_ = begin_on_disks(cluster, targeted(disks, targets), targets, evidence);
    for (const DiskId disk : touched_.disks) {
      disks.fill(disk, leave_);
      count(evidence, disk.node, "bytes left on the disk" + of_log_dir(disks, disk),
            disks.free_bytes(disk), "B");
    }
    for (const DiskId disk : touched_.disks)
      await_disk_state(disks, disk, DiskState::full, patience_, evidence);
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    std::vector<std::string> failures;
    for (const DiskId disk : touched_.disks) {
      try {
        disks_of(cluster).unfill(disk);
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
  TouchedDisks touched_;
};

const Registration<Fault> registration{{
    .name = "disk_full",
    .help = "take the room on the disk; heal frees it, and starts a node that ended or gave it up",
    .options = {{.name = "leave",
                 .type = OptionType::size,
                 .fallback = "0B",
                 .help = "so much is left, and the effect comes when the node has used it"},
                log_dir_option(),
                disk_patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<FullDisk>(options);
    },
}};

}  // namespace
}  // namespace seatrial::faults
