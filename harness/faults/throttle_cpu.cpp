// throttle_cpu: the target gets less CPU time than it wants, as in a container with a small quota:
// of each 100 ms it runs its share, and stands still for the rest. Seen by the kernel's count of
// the times that it was held back.
#include <map>
#include <utility>

#include "faults/machine_actions.hpp"

namespace seatrial::faults {
namespace {

class ThrottleCpu final : public MachineFault {
 public:
  ThrottleCpu(double cores, milliseconds patience)
      : MachineFault(Gear::limits), cores_(cores), patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    require_running(cluster, targets);
    Limits& limits = limits_of(cluster);
    for (const NodeId node : targets) {
      before_[node] = limits.counted(node);
      throttled_.push_back(node);
      limits.limit_cpu(node, cores_);
    }
    for (const NodeId node : targets) {
      const auto held_back = [&] {
        return limits.counted(node).throttled > before_[node].throttled;
      };
      if (!await_that(held_back, {.budget = patience_}, evidence.stop)) {
        throw FaultIneffective(node_text(node) + " was not held back within " +
                               format_duration(patience_) +
                               ": it wants no more CPU time than that");
      }
      count(evidence, node, "periods throttled so far", since(limits, node).throttled);
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return for_each_node(std::exchange(throttled_, {}), [&](NodeId node) {
      Limits& limits = limits_of(cluster);
      limits.limit_cpu(node, std::nullopt);
      const Seen seen = since(limits, node);
      count(evidence, node, "periods", seen.periods);
      count(evidence, node, "periods throttled", seen.throttled);
      count(evidence, node, "time held back", seen.held_back_s, "s");
    });
  }

 private:
  struct Seen {
    double periods, throttled, held_back_s;
  };
  [[nodiscard]] Seen since(const Limits& limits, NodeId node) {
    const LimitCounters seen = limits.counted(node);
    const LimitCounters& before = before_[node];
    return {.periods = static_cast<double>(seen.periods - before.periods),
            .throttled = static_cast<double>(seen.throttled - before.throttled),
            .held_back_s = to_seconds(seen.held_back - before.held_back)};
  }

  double cores_;
  milliseconds patience_;
  std::map<NodeId, LimitCounters> before_;
  std::vector<NodeId> throttled_;
};

std::string some_cores(std::string_view text) {
  const auto cores = parse_number(text);
  return cores && *cores >= 0.01 && *cores <= 1024 ? "" : "must be 0.01 to 1024";
}

const Registration<Fault> registration{{
    .name = "throttle_cpu",
    .help = "give the process less CPU time than it wants; heal gives it back",
    .options = {{.name = "cores",
                 .type = OptionType::number,
                 .fallback = "0.2",
                 .help = "that it may use: of each 100 ms it runs so much",
                 .choices = {},
                 .required = false,
                 .validate = some_cores},
                patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<ThrottleCpu>(options.number("cores"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
