// disk_error: the disk answers with an input/output error. A broker meets it where it reads what is
// in no page cache, or waits for an fsync; the file system meets it in its journal within seconds,
// and then takes no more writes. Heal mounts such a file system anew, and starts the node if it
// ended, or gave up one of several log dirs.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

const std::string failed = "operations failed";

class FailingDisk final : public DiskFault {
 public:
  explicit FailingDisk(const Options& options)
      : DiskFault(options),
        rules_(disk_rule(DiskRule::Effect::fail, options)),
        patience_(patience_of(options)) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::ended; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    touched_ = begin_on_disks(cluster, targeted(disks, targets), targets, evidence);
    rules_.add(disks, touched_.disks);
    rules_.await_effect(disks, failed, patience_, evidence);
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    auto failures = rules_.remove(cluster, failed, evidence);
    for (auto& failure : bring_back(cluster, std::exchange(touched_, {}), patience_, evidence))
      failures.push_back(std::move(failure));
    return failures;
  }

 private:
  DiskRules rules_;
  milliseconds patience_;
  TouchedDisks touched_;
};

const Registration<Fault> registration{{
    .name = "disk_error",
    .help =
        "let the disk fail what it is asked; heal mounts it anew, and starts a node that ended or "
        "gave it up",
    .options = disk_rule_options({}, "write, fsync"),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<FailingDisk>(options);
    },
}};

}  // namespace
}  // namespace seatrial::faults
