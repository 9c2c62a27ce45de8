// black_hole: what is sent is taken and never arrives, as behind a firewall that forgot the
// connection: senders see no full buffer and no error. Healing resets the connections that lost
// bytes, since nobody could make sense of the rest.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "black_hole",
    .help = "take what is sent and drop it; connections that lost bytes are reset by heal",
    .options = link_options({}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RuleFault>(
          link_rule(NetworkRule::Effect::discard),
          std::vector<SeenBy>{{"bytes dropped", &RuleCounters::bytes, "B"},
                              {"connections that lost bytes", &RuleCounters::connections}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
