// drop_cache: the kernel forgets what it has in memory of the node's files, as when other programs
// want the memory, or a log has grown beyond it. Brokers serve what was written lately without the
// disk; from here on who reads something older waits for it. What is written or read afterwards is
// kept again, so there is nothing to heal.
#include <thread>

#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

// What is being written when the first pass comes is clean by the second.
constexpr auto pause = milliseconds(200);

class DroppedCache final : public DiskFault {
 public:
  using DiskFault::DiskFault;
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    std::map<NodeId, std::uint64_t> dropped;
    const auto all = targeted(disks, targets);
    for (const DiskId disk : all) dropped[disk.node] += disks.drop_cache(disk);
    std::this_thread::sleep_for(pause);
    for (const DiskId disk : all) dropped[disk.node] += disks.drop_cache(disk);
    for (const auto& [node, bytes] : dropped) {
      count(evidence, node, "bytes that the page cache forgot", bytes, "B");
      if (bytes == 0)
        throw FaultIneffective("node " + std::to_string(node.value) +
                               ": the page cache had nothing of its files that it could forget");
    }
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override { return {}; }
};

const Registration<Fault> registration{{
    .name = "drop_cache",
    .help = "have the page cache forget the node's files, so that reading them needs the disk",
    .options = {log_dir_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<DroppedCache>(options);
    },
}};

}  // namespace
}  // namespace seatrial::faults
