// reorder_requests: chosen requests reach the target behind the next one of their kind on the same
// connection, as they might by two ways. The target answers in the order in which it was asked; the
// client gets the responses in the order in which it asked, so that nothing tells it but what they
// say. A client that has one request in flight at a time is only held up.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

std::string at_most_ten_seconds(std::string_view text) {
  const auto span = parse_duration(text);
  return span && *span > nanoseconds(0) && *span <= seconds(10) ? ""
                                                                : "must be above 0 and at most 10s";
}

const Registration<Fault> registration{{
    .name = "reorder_requests",
    .help = "let chosen requests be overtaken by the next one on their connection",
    .options = request_options({{.name = "by",
                                 .type = OptionType::duration,
                                 .fallback = "200ms",
                                 .help = "how long each waits for the next one; then it passes as "
                                         "it came",
                                 .choices = {},
                                 .required = false,
                                 .validate = at_most_ten_seconds}}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = request_rule(NetworkRule::Effect::reorder, options);
      rule.by = options.duration("by");
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{"requests overtaken", &RuleCounters::requests},
                              {"bytes of those", &RuleCounters::bytes, "B"}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
