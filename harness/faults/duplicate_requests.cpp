// duplicate_requests: chosen requests reach the target twice, one right after the other, as a retry
// of a request that was not lost would. The client gets the first of the two responses.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "duplicate_requests",
    .help = "pass chosen requests on twice; the second response is dropped",
    .options = request_options({}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RuleFault>(
          request_rule(NetworkRule::Effect::duplicate, options),
          std::vector<SeenBy>{{"requests duplicated", &RuleCounters::requests},
                              {"bytes duplicated", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
