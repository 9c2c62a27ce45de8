// Rows of a gate.
#include "reports/gate.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/format.hpp"

namespace seatrial::reports {
namespace {

std::string change_text(const View& metric) {
  const auto estimate = metric["estimate"].number();
  if (!estimate) return "-";
  std::string out = percent_text(change_of(metric, *estimate));
  const auto low = metric["low"].number(), high = metric["high"].number();
  if (!low || !high) return out;
  const double a = change_of(metric, *low), b = change_of(metric, *high);
  return out + " (" + percent_text(std::min(a, b)) + " to " + percent_text(std::max(a, b)) + ")";
}

std::string limits_text(const View& metric) {
  if (metric["gates"].boolean() == false) return "-";
  const std::string fails = decimal(metric["delta"].number_or(0) * 100, 1) + " %";
  if (metric["exact"].boolean().value_or(false)) return fails + ", exactly";
  return fails + " / " + decimal(metric["delta_max"].number_or(0) * 100, 1) + " %";
}

}  // namespace

std::string percent_text(double share) {
  const double percent = share * 100;
  if (std::abs(percent) < 0.05) return "0 %";
  return (percent < 0 ? "-" : "+") + decimal(std::abs(percent), std::abs(percent) < 10 ? 1 : 0) +
         " %";
}

double change_of(const View& metric, double effect) {
  return std::expm1(metric["more_is_better"].boolean().value_or(false) ? -effect : effect);
}

std::string gate_value(const View& metric, const View& value) {
  const auto number = value.number();
  if (!number) return "-";
  const std::string unit = metric["unit"].text();
  if (unit == "ns") {
    const nlohmann::json whole = std::llround(*number);
    return duration_text(View(whole), "-");
  }
  if (unit == "share") return decimal(*number * 100, 2) + " %";
  if (unit == "/s" || *number >= 1000) {
    const nlohmann::json whole = std::llround(*number);
    return count_text(View(whole), "-") + unit;
  }
  return decimal(*number, 4) + unit;
}

std::vector<GateRow> gate_rows(const View& gate) {
  std::vector<GateRow> out;
  for (const View& metric : gate["metrics"].items()) {
    const bool gates = metric["gates"].boolean().value_or(true);
    out.push_back({.metric = metric,
                   .name = metric["metric"].text("?"),
                   .baseline = gate_value(metric, metric["baseline"]),
                   .candidate = gate_value(metric, metric["candidate"]),
                   .change = change_text(metric),
                   .limits = limits_text(metric),
                   .outcome = gates ? metric["outcome"].text("-") : "shown"});
  }
  return out;
}

std::vector<std::string> differences(const View& gate) {
  std::vector<std::string> out;
  for (const View& row : gate["differs"].items()) {
    out.push_back(row["setting"].text() + ": " + row["baseline"].text("as in the scenario") +
                  " -> " + row["candidate"].text("as in the scenario"));
  }
  return out;
}

std::vector<std::string> void_pairs(const View& gate) {
  std::vector<std::string> out;
  for (const View& pair : gate["pairs"].items()) {
    if (pair["void"].size() == 0) continue;
    out.push_back("pair " + std::to_string(pair["pair"].count() + 1) + ": " +
                  list_text(pair["void"]));
  }
  return out;
}

std::string verdict_word(const View& record) {
  const auto overall = record["verdict"]["overall"].text("unknown");
  const bool open = overall == "unknown" && record["gate"]["outcome"].is("inconclusive");
  return open ? "inconclusive" : overall;
}

}  // namespace seatrial::reports
