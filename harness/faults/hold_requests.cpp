// hold_requests: chosen requests, or the responses to them, are passed on later. What follows on
// the same connection waits behind them: brokers answer a connection's requests in their order.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

const Registration<Fault> registration{{
    .name = "hold_requests",
    .help = "hold chosen requests, or the responses to them, for a while",
    .options = request_options({{.name = "by",
                                 .type = OptionType::duration,
                                 .fallback = "1s",
                                 .help = "how long each is held",
                                 .validate = check_time},
                                {.name = "hold",
                                 .type = OptionType::choice,
                                 .fallback = "request",
                                 .help = "what is held: the request, or its response",
                                 .choices = {"request", "response"}}}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = request_rule(NetworkRule::Effect::hold, options);
      rule.by = options.duration("by");
      if (options.text("hold") == "response") rule.way = Way::out;
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{options.text("hold") + "s held", &RuleCounters::requests},
                              {"bytes held", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
