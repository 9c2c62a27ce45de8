// The steps that faults of all kinds share: waiting until an effect is there, counting it, undoing
// it node by node, and the option that says for how long is waited.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.hpp"
#include "core/options.hpp"

namespace seatrial::faults {

struct Patience {
  milliseconds budget;
  milliseconds every{1};       // between two looks
  milliseconds after_stop{0};  // what of the budget is left at most once the run is stopped
};
// After a stop: time enough for a signal to have its effect.
inline constexpr milliseconds stop_grace{3000};

// Looks again and again, and once more at the end of its patience; whether it came.
[[nodiscard]] bool await_that(const std::function<bool()>& came, const Patience& patience,
                              const std::stop_token& stop);

void count(Evidence& evidence, NodeId node, std::string kind, double value, std::string unit = "");
void count(Evidence& evidence, NodeId node, std::string kind, std::uint64_t value,
           std::string unit = "");

// Does the step for each; what went wrong, a line for each node that it went wrong with.
std::vector<std::string> for_each_node(const std::vector<NodeId>& nodes,
                                       const std::function<void(NodeId)>& step) noexcept;

// The option `patience`. On a busy machine a process may take seconds to end or to stand still.
OptionSpec patience_option(const std::string& help = "how long to wait until the effect is seen",
                           const std::string& fallback = "10s");
milliseconds patience_of(const Options& options);

// What is wrong with a value, or nothing: of `probability`, of a time that takes up to an hour, and
// of one that takes up to a minute; neither is none.
std::string check_share(std::string_view text);
std::string check_time(std::string_view text);
std::string check_short_time(std::string_view text);

}  // namespace seatrial::faults
