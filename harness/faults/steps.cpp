// Waiting, counting and undoing.
#include "faults/steps.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/target.hpp"
#include "core/units.hpp"

namespace seatrial::faults {

bool await_that(const std::function<bool()>& came, const Patience& patience,
                const std::stop_token& stop) {
  Instant deadline = now() + patience.budget;
  bool cut_short = false;
  while (true) {
    const bool last = now() >= deadline;
    if (came()) return true;
    if (last) return false;
    if (stop.stop_requested() && !std::exchange(cut_short, true))
      deadline = std::min<Instant>(deadline, now() + patience.after_stop);
    std::this_thread::sleep_for(patience.every);
  }
}

void count(Evidence& evidence, NodeId node, std::string kind, double value, std::string unit) {
  evidence.counted.push_back({.node = node,
                              .kind = std::move(kind),
                              .value = value,
                              .unit = std::move(unit),
                              .at = now()});
}

void count(Evidence& evidence, NodeId node, std::string kind, std::uint64_t value,
           std::string unit) {
  count(evidence, node, std::move(kind), static_cast<double>(value), std::move(unit));
}

std::vector<std::string> for_each_node(const std::vector<NodeId>& nodes,
                                       const std::function<void(NodeId)>& step) noexcept {
  std::vector<std::string> failures;
  for (const NodeId node : nodes) {
    try {
      step(node);
    } catch (const std::exception& error) {
      const std::string what = error.what();
      const bool named = what.starts_with(node_text(node));
      failures.push_back(named ? what : node_text(node) + ": " + what);
    }
  }
  return failures;
}

namespace {

bool is_within(std::string_view text, nanoseconds most) {
  const auto span = parse_duration(text);
  return span && *span > nanoseconds(0) && *span <= most;
}

}  // namespace

OptionSpec patience_option(const std::string& help, const std::string& fallback) {
  return {.name = "patience",
          .type = OptionType::duration,
          .fallback = fallback,
          .help = help,
          .choices = {},
          .validate = check_time};
}

std::string check_time(std::string_view text) {
  return is_within(text, std::chrono::hours(1)) ? "" : "must be above 0 and at most 1h";
}

std::string check_short_time(std::string_view text) {
  return is_within(text, std::chrono::minutes(1)) ? "" : "must be above 0 and at most 1m";
}

milliseconds patience_of(const Options& options) {
  return std::chrono::duration_cast<milliseconds>(options.duration("patience"));
}

std::string check_share(std::string_view text) {
  const auto share = parse_number(text);
  return share && *share > 0 && *share <= 1 ? "" : "must be above 0 and at most 1";
}

}  // namespace seatrial::faults
