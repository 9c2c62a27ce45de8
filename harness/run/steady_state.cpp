// By the series: how much of what was due in the last seconds before the fault was settled in them.
#include "run/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

constexpr double looked_at_s = 3;
// A system that keeps up settles all that is due, a little later; half is far from that, and far
// from any jitter of whole seconds.
constexpr double least_share = 0.5;

// When the first fault struck, in seconds; nothing if none did.
std::optional<double> first_injection(const json& trial) {
  std::optional<double> first;
  for (const auto& fault : trial.value("faults", json::array())) {
    if (!fault.contains("injected_s")) continue;
    const double at = fault.at("injected_s").get<double>();
    first = std::min(first.value_or(at), at);
  }
  return first;
}

// With acks=0 nothing is ever answered, so nothing tells whether the brokers keep up.
bool is_answered_open_loop(const json& trial, const std::string& name) {
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (workload.value("name", "") != name) continue;
    return workload.value("loop", "") == "open" &&
           workload.value("/totals/sent"_json_pointer, std::uint64_t{0}) == 0;
  }
  return false;
}

}  // namespace

std::optional<std::string> unsteady_before_faults(const json& trial) {
  const auto struck = first_injection(trial);
  if (!struck) return std::nullopt;
  const double until = std::floor(*struck);
  for (const auto& series : trial.value("series", json::array())) {
    const std::string name = series.value("workload", "");
    if (!is_answered_open_loop(trial, name)) continue;
    std::uint64_t due = 0, settled = 0;
    for (const auto& point : series.value("points", json::array())) {
      const double t = point.at("t_s").get<double>();
      if (t < until - looked_at_s || t + 1 > until) continue;
      due += point.value("intended", std::uint64_t{0});
      settled += point.value("done_acked", std::uint64_t{0});
    }
    if (due == 0 || static_cast<double>(settled) >= least_share * static_cast<double>(due))
      continue;
    return fmt::format(
        "no steady state before the first fault: of {} messages due in the seconds before {:.1f} s "
        "workload '{}' got {} settled; give the machine more room, warm up longer or offer less",
        format_count(due), *struck, name, format_count(settled));
  }
  return std::nullopt;
}

}  // namespace seatrial::run
