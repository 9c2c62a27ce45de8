// cut: nothing passes between the target and all others, or along a link, as when a cable is
// pulled: connections stay open, and whoever waits for an answer waits. What is under way is not
// lost; it arrives when the cut is healed, unless its sender has given up by then.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

class Cut final : public RuleFault {
 public:
  using RuleFault::RuleFault;
  [[nodiscard]] bool silences_node() const override {
    return rule().peers.controllers && rule().way != Way::in;
  }
};

const Registration<Fault> registration{{
    .name = "cut",
    .help = "let nothing pass between the target and others; connections stay open",
    .options = link_options({}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Cut>(
          link_rule(NetworkRule::Effect::stall),
          std::vector<SeenBy>{{"connections held", &RuleCounters::connections},
                              {"bytes held", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
