// half_open: the target's ends of its present connections are gone, and the others' ends do not
// know: they stay open, take what is sent, and never answer. New connections work. Healing resets
// the ends that are left.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "half_open",
    .help = "end the target's side of its connections and do not tell the other side",
    .options = link_options({}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RuleFault>(
          link_rule(NetworkRule::Effect::half_open),
          std::vector<SeenBy>{{"connections left half open", &RuleCounters::connections},
                              {"bytes sent in vain", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
