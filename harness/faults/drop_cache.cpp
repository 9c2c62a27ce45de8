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
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    if (targets.empty()) throw FaultIneffective("the target resolved to no node");
    Disks& disks = disks_of(cluster);
    std::map<NodeId, std::uint64_t> dropped;
    for (const NodeId node : targets) dropped[node] = disks.drop_cache(node);
    std::this_thread::sleep_for(pause);
    for (const NodeId node : targets) dropped[node] += disks.drop_cache(node);
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
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Fault> {
      return std::make_unique<DroppedCache>();
    },
}};

}  // namespace
}  // namespace seatrial::faults
