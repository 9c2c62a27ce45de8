// rate: the target's link is narrow. All of its connections that the fault is about share so many
// bytes a second in each way; who sends more waits, as behind a full switch port without loss.
#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

std::string some_bytes(std::string_view text) {
  const auto size = parse_size(text);
  return size && *size >= 1000 ? "" : "must be at least 1kB (a second)";
}

const Registration<Fault> registration{{
    .name = "rate",
    .help = "limit the bytes a second of the target's link, in each way",
    .options = link_options({{.name = "bytes",
                              .type = OptionType::size,
                              .fallback = "1MB",
                              .help = "that may pass in a second, in each way",
                              .choices = {},
                              .required = false,
                              .validate = some_bytes}}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      auto rule = link_rule(NetworkRule::Effect::limit);
      rule.bytes_per_s = options.bytes("bytes");
      return std::make_unique<RuleFault>(
          std::move(rule),
          std::vector<SeenBy>{{"bytes through the limit", &RuleCounters::bytes, "B"},
                              {"connections limited", &RuleCounters::connections}},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
