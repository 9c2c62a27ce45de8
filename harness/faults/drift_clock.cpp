// drift_clock: the target's clock runs faster or slower than the others', and is the more wrong the
// longer it lasts, as one without a time server. Seen by what times the target itself tells; heal
// sets it right at once.
#include <map>
#include <utility>

#include "faults/machine_actions.hpp"

namespace seatrial::faults {
namespace {

class DriftClock final : public MachineFault {
 public:
  DriftClock(double rate, milliseconds patience)
      : MachineFault(Gear::clocks), rate_(rate), patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    require_running(cluster, targets);
    Clocks& clocks = clocks_of(cluster);
    for (const NodeId node : targets) {
      begun_[node] = clocks.read(node);
      drifting_.push_back(node);
      clocks.set(node, nanoseconds(0), rate_);
    }
    for (const NodeId node : targets) {
      ClockReading seen;
      const auto drifts = [&] {
        seen = clocks.read(node);
        return has_drifted(begun_[node], seen);
      };
      if (!await_that(drifts, {.budget = patience_, .every = seldom}, evidence.stop)) {
        throw FaultIneffective(node_text(node) + " tells of no drift within " +
                               format_duration(patience_));
      }
      count(evidence, node, "clock ahead", to_seconds(seen.ahead), "s");
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    return for_each_node(std::exchange(drifting_, {}), [&](NodeId node) {
      Clocks& clocks = clocks_of(cluster);
      try {
        const ClockReading last = clocks.read(node);
        count(evidence, node, "clock ahead at the end", to_seconds(last.ahead), "s");
        count(evidence, node, "clock's rate", rate_between(begun_[node], last));
      } catch (const std::exception& error) {
        evidence.facts.push_back(node_text(node) + ": " + error.what());  // it may be gone
      }
      clocks.set(node, nanoseconds(0), 1);
    });
  }

 private:
  // Farther than reading it twice can be wrong, and in the right way.
  [[nodiscard]] bool has_drifted(const ClockReading& begun, const ClockReading& seen) const {
    const nanoseconds gained = rate_ > 1 ? seen.ahead - begun.ahead : begun.ahead - seen.ahead;
    return gained > milliseconds(5) + begun.uncertainty + seen.uncertainty;
  }
  static double rate_between(const ClockReading& from, const ClockReading& to) {
    return 1 + to_seconds(to.ahead - from.ahead) / to_seconds(to.at - from.at);
  }

  double rate_;
  milliseconds patience_;
  std::map<NodeId, ClockReading> begun_;
  std::vector<NodeId> drifting_;
};

std::string some_rate(std::string_view text) {
  const auto rate = parse_number(text);
  const bool right = rate && *rate >= 0.1 && *rate <= 10 && (*rate <= 0.999 || *rate >= 1.001);
  return right ? "" : "must be 0.1 to 0.999 or 1.001 to 10";
}

const Registration<Fault> registration{{
    .name = "drift_clock",
    .help = "have the process's clock run faster or slower; heal sets it right",
    .options = {{.name = "rate",
                 .type = OptionType::number,
                 .fallback = "1.01",
                 .help = "1.01 gains a hundredth of a second in each, 0.99 loses it",
                 .choices = {},
                 .required = false,
                 .validate = some_rate},
                patience_option()},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<DriftClock>(options.number("rate"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
