// limit_memory: the target gets less memory than it wants. What can be given back (page cache) it
// loses first; wanting more than is left ends it, by the kernel's OOM killer. Both are seen: by the
// kernel's counts, and by the process's end, after which the effect of the fault is that of a kill.
#include "faults/memory_actions.hpp"

namespace seatrial::faults {
namespace {

class LimitMemory final : public MachineFault {
 public:
  LimitMemory(std::uint64_t bytes, milliseconds patience)
      : MachineFault(Gear::limits), bytes_(bytes), patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return squeezed_.effect(); }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    require_running(cluster, targets);
    Limits& limits = limits_of(cluster);
    for (const NodeId node : targets) {
      squeezed_.begin(cluster, node, now());
      limits.limit_memory(node, bytes_);
    }
    for (const NodeId node : targets) await_effect(cluster, limits, node, evidence);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return squeezed_.heal(cluster, evidence);
  }

 private:
  void await_effect(Cluster& cluster, const Limits& limits, NodeId node, Evidence& evidence) {
    const LimitCounters& before = squeezed_.before(node);
    const auto felt = [&] {
      const LimitCounters seen = limits.counted(node);
      const bool gave_back = before.memory_bytes > bytes_ && seen.memory_bytes <= bytes_;
      return gave_back || seen.at_limit > before.at_limit || seen.oom_kills > before.oom_kills;
    };
    if (!await_that(felt, {.budget = patience_}, evidence.stop)) {
      throw FaultIneffective(node_text(node) + " wanted no more memory than it was left within " +
                             format_duration(patience_) + ": it uses " +
                             format_bytes(limits.counted(node).memory_bytes) +
                             ", and was to have " + format_bytes(bytes_));
    }
    count(evidence, node, "memory in use before", static_cast<double>(before.memory_bytes), "B");
    if (squeezed_.oom_killed(limits, node)) squeezed_.note_end(cluster, node, evidence);
  }

  std::uint64_t bytes_;
  milliseconds patience_;
  Squeezed squeezed_;
};

std::string some_memory(std::string_view text) {
  const auto size = parse_size(text);
  return size && *size >= 1'000'000 ? "" : "must be at least 1MB";
}

const Registration<Fault> registration{{
    .name = "limit_memory",
    .help =
        "let the process have less memory than it wants; heal gives it back, and starts it again "
        "if the kernel ended it",
    .options = {{.name = "to",
                 .type = OptionType::size,
                 .fallback = "400MB",
                 .help = "that it may use, page cache and data in memory included",
                 .choices = {},
                 .required = false,
                 .validate = some_memory},
                patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<LimitMemory>(options.bytes("to"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
