// delay: what passes comes later, in each way and in order, by a fixed time and a jitter around it.
// A round trip takes twice the delay longer where both ways are delayed.
#include "core/check.hpp"
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

std::string at_most_a_minute(std::string_view text) {
  const auto span = parse_duration(text);
  return span && *span <= std::chrono::minutes(1) ? "" : "must be at most 1m";
}

const Registration<Fault> registration{{
    .name = "delay",
    .help = "let what passes arrive later, in order",
    .options = link_options({{.name = "by",
                              .type = OptionType::duration,
                              .fallback = "100ms",
                              .help = "how much later, in each way",
                              .choices = {},
                              .required = false,
                              .validate = check_short_time},
                             {.name = "spread",
                              .type = OptionType::duration,
                              .fallback = "0ms",
                              .help = "by so much more or less, drawn evenly",
                              .choices = {},
                              .required = false,
                              .validate = at_most_a_minute}}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = link_rule(NetworkRule::Effect::delay);
      rule.by = options.duration("by");
      rule.jitter = options.duration("spread");
      if (rule.jitter > rule.by)
        throw UsageError("spread: is more than `by`, and nothing arrives before it was sent");
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{"bytes delayed", &RuleCounters::bytes, "B"},
                              {"connections delayed", &RuleCounters::connections}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
