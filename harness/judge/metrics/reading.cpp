// Absent fields are not known; nothing is filled in.
#include "judge/metrics/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/units.hpp"

namespace seatrial::judge {

bool covers(const MetricQuestion& question, const View& workload) {
  return question.workload.empty() || question.workload == workload["name"].text();
}

double measured_s(const View& trial) {
  for (const View& phase : trial["phases"].items()) {
    if (phase["name"].is("measure"))
      return phase["to_s"].number_or(0.0) - phase["from_s"].number_or(0.0);
  }
  return 0;
}

std::string not_recorded(const MetricQuestion& question) {
  return "the trial recorded no " + question.metric;
}

std::optional<double> total(const MetricQuestion& question, const View& trial,
                            const std::string& name) {
  std::optional<double> sum;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload)) continue;
    if (const auto own = workload["totals"][name].number()) sum = sum.value_or(0) + *own;
  }
  return sum;
}

Measured known(std::optional<double> value, const MetricQuestion& question) {
  return value ? Measured::exactly(*value) : Measured::nothing(not_recorded(question));
}

std::optional<std::string> undelivered(const View& workload) {
  const auto count = workload["totals"]["undelivered"].count();
  if (count == 0) return std::nullopt;
  return fmt::format("{} message{} of the log {} never handed to '{}'", format_count(count),
                     count == 1 ? "" : "s", count == 1 ? "was" : "were", workload["name"].text());
}

Measured span_by_clock(double ns, const View& trial) {
  const double taken = trial["generator"]["taken_share"].number_or(0);
  if (taken <= 0 || ns <= 0) return Measured::exactly(ns);
  const double taken_ns = taken * measured_s(trial) * 1e9;
  return Measured::between(
      std::max(0.0, ns - taken_ns), ns,
      fmt::format("others took {:.0f} % of this machine's time during measure, which may have "
                  "lengthened it; measure where nothing else runs",
                  taken * 100));
}

Measured span_by_clock(std::optional<double> ns, const MetricQuestion& question,
                       const View& trial) {
  return ns ? span_by_clock(*ns, trial) : Measured::nothing(not_recorded(question));
}

Measured worst_of(const std::optional<Measured>& a, const Measured& b) {
  if (!a) return b;
  if (a->known() && b.known()) return Measured::exactly(std::max(a->least, b.least));
  return Measured::between(std::max(a->least, b.least), std::max(a->most, b.most),
                           a->known() ? b.why : a->why);
}

Measured own_total(const MetricQuestion& question, const View& trial) {
  return known(total(question, trial, question.metric), question);
}

}  // namespace seatrial::judge
