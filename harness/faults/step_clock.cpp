// step_clock: the target's clock is set forward or back at once, as by an operator or a time server
// that corrects a clock which was wrong for long. Seen by what time the target itself tells.
#include <utility>

#include "faults/machine_actions.hpp"

namespace seatrial::faults {
namespace {

constexpr nanoseconds least_step = seconds(1);
// Within which a clock shows the time that it was set to.
constexpr nanoseconds tolerance = milliseconds(100);

class StepClock final : public MachineFault {
 public:
  StepClock(nanoseconds by, milliseconds patience)
      : MachineFault(Gear::clocks), by_(by), patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    require_running(cluster, targets);
    Clocks& clocks = clocks_of(cluster);
    for (const NodeId node : targets) {
      stepped_.push_back(node);
      clocks.set(node, by_, 1);
    }
    for (const NodeId node : targets) {
      if (!await_ahead(clocks, node, by_, evidence, evidence.stop)) {
        throw FaultIneffective(node_text(node) + " does not tell the time it was given within " +
                               format_duration(patience_));
      }
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    const auto nodes = std::exchange(stepped_, {});
    auto failures =
        for_each_node(nodes, [&](NodeId node) { clocks_of(cluster).set(node, nanoseconds(0), 1); });
    for (auto& line : for_each_node(nodes, [&](NodeId node) {
           if (!await_ahead(clocks_of(cluster), node, nanoseconds(0), evidence, {}))
             throw FaultIneffective(node_text(node) + " still tells a wrong time");
         })) {
      failures.push_back(std::move(line));
    }
    return failures;
  }

 private:
  bool await_ahead(const Clocks& clocks, NodeId node, nanoseconds wanted, Evidence& evidence,
                   const std::stop_token& stop) const {
    ClockReading seen;
    const auto tells = [&] {
      seen = clocks.read(node);
      return std::chrono::abs(seen.ahead - wanted) <= tolerance + seen.uncertainty;
    };
    const bool came = await_that(tells, {.budget = patience_, .every = seldom}, stop);
    count(evidence, node, "clock ahead", to_seconds(seen.ahead), "s");
    return came;
  }

  nanoseconds by_;
  milliseconds patience_;
  std::vector<NodeId> stepped_;
};

std::string some_step(std::string_view text) {
  const auto by = parse_signed_duration(text);
  if (!by) return by.error().message;
  const nanoseconds size = std::chrono::abs(*by);
  return size >= least_step && size <= std::chrono::hours(24 * 3650) ? "" : "must be 1s to 3650d";
}

const Registration<Fault> registration{{
    .name = "step_clock",
    .help = "set the process's clock forward or back at once; heal sets it right",
    .options = {{.name = "by",
                 .type = OptionType::text,
                 .fallback = "1h",
                 .help = "how far, as in 1h; back, as in -30s",
                 .choices = {},
                 .required = false,
                 .validate = some_step},
                patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<StepClock>(*parse_signed_duration(options.text("by")),
                                         patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
