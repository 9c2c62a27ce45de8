// disk_slow: what the disk is asked for comes later. Brokers write to the page cache, so a slow
// write is first the kernel's business; who waits for it is an fsync, or whoever writes faster than
// the disk for long. Reads of what was written lately never reach the disk.
#include "faults/disk_actions.hpp"

namespace seatrial::faults {
namespace {

const std::string delayed = "operations delayed";

class SlowDisk final : public DiskFault {
 public:
  SlowDisk(DiskRule rule, const Options& options)
      : DiskFault(options), rules_(std::move(rule)), patience_(patience_of(options)) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    Disks& disks = disks_of(cluster);
    rules_.add(disks, targeted(disks, targets));
    rules_.await_effect(disks, delayed, patience_, evidence);
  }
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return rules_.remove(cluster, delayed, evidence);
  }

 private:
  DiskRules rules_;
  milliseconds patience_;
};

DiskRule::Spread spread_of(const Options& options) {
  const auto& word = options.text("distribution");
  if (word == "fixed") return DiskRule::Spread::fixed;
  return word == "uniform" ? DiskRule::Spread::uniform : DiskRule::Spread::exponential;
}

const Registration<Fault> registration{{
    .name = "disk_slow",
    .help = "let the disk take longer for what it is asked",
    .options = disk_rule_options(
        {{.name = "by",
          .type = OptionType::duration,
          .fallback = "20ms",
          .help = "how much longer each operation takes, on average",
          .choices = {},
          .required = false,
          .validate = check_short_time},
         {.name = "distribution",
          .type = OptionType::choice,
          .fallback = "fixed",
          .help = "of that time: always the same, from none to twice that, or with a long tail",
          .choices = {"fixed", "uniform", "exponential"}}},
        "all"),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      DiskRule rule = disk_rule(DiskRule::Effect::delay, options);
      rule.by = options.duration("by");
      rule.spread = spread_of(options);
      return std::make_unique<SlowDisk>(std::move(rule), options);
    },
}};

}  // namespace
}  // namespace seatrial::faults
