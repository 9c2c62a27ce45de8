// drop_requests: chosen requests never reach the target, or (drop: response) the responses to them
// never come back although the broker did what they asked. Their connection goes on; clients that
// demand an answer to each request in its order, as those in Java do, close it at the next.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "drop_requests",
    .help = "drop chosen requests, or the responses to them",
    .options = request_options({{.name = "drop",
                                 .type = OptionType::choice,
                                 .fallback = "request",
                                 .help = "what is lost: the request, or its response",
                                 .choices = {"request", "response"}}}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = request_rule(NetworkRule::Effect::drop, options);
      if (options.text("drop") == "response") rule.way = Way::out;
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{options.text("drop") + "s dropped", &RuleCounters::requests},
                              {"bytes dropped", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
