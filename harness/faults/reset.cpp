// reset: every connection between the target and the others ends at once by a TCP reset, and so
// does each that is made until the fault is healed; heal after a millisecond for a single blow.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "reset",
    .help = "reset connections, and those that are made meanwhile",
    .options = link_options({}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RuleFault>(
          link_rule(NetworkRule::Effect::reset),
          std::vector<SeenBy>{{"connections reset", &RuleCounters::connections}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
