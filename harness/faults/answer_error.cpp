// answer_error: chosen requests are answered with an error code and never reach the target, as
// brokers answer that are overloaded, no longer the leader, or about to shut down. Which requests
// can be answered so, and in which versions: harness/proxy/answers.hpp.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

std::string an_error_code(std::string_view text) {
  const auto code = parse_integer(text);
  return code && *code >= -1 && *code <= 200 && *code != 0 ? ""
                                                           : "must be one of Kafka's error codes";
}

std::vector<OptionSpec> options_of_answers() {
  auto options = request_options({{.name = "error",
                                   .type = OptionType::integer,
                                   .fallback = "6",
                                   .help = "Kafka's error code, as in 6 (NOT_LEADER_OR_FOLLOWER), "
                                           "7 (REQUEST_TIMED_OUT), 19 (NOT_ENOUGH_REPLICAS)",
                                   .choices = {},
                                   .required = false,
                                   .validate = an_error_code}});
  for (OptionSpec& option : options) {
    if (option.name != "api") continue;
    option = {.name = "api",
              .type = OptionType::choice,
              .fallback = "Produce",
              .help = "which requests",
              .choices = {"Produce", "Fetch", "FindCoordinator", "Heartbeat", "InitProducerId",
                          "EndTxn"}};
  }
  return options;
}

const Registration<Fault> registration{{
    .name = "answer_error",
    .help = "answer chosen requests with an error in the target's place",
    .options = options_of_answers(),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = request_rule(NetworkRule::Effect::answer, options);
      rule.error = static_cast<std::int16_t>(options.integer("error"));
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{"requests answered", &RuleCounters::requests},
                              {"bytes of those", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
