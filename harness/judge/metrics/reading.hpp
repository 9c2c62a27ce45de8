// How metrics read a trial's part of the record.
#pragma once

#include <optional>
#include <string>

#include "core/metric.hpp"

namespace seatrial::judge {

// Whether the question is about this workload of the record.
[[nodiscard]] bool covers(const MetricQuestion& question, const View& workload);
// Of the workloads that it is about; nothing if none of them has such a total.
[[nodiscard]] std::optional<double> total(const MetricQuestion& question, const View& trial,
                                          const std::string& name);
// How long measure was; 0 if there was none.
[[nodiscard]] double measured_s(const View& trial);
[[nodiscard]] std::string not_recorded(const MetricQuestion& question);
[[nodiscard]] Measured known(std::optional<double> value, const MetricQuestion& question);
// What never came is later than all that did, and in no histogram.
[[nodiscard]] std::optional<std::string> undelivered(const View& workload);
// How long something lasted by the clock. Where others took the machine's time, all of that may
// have fallen into it: so much shorter it may have been without them.
[[nodiscard]] Measured span_by_clock(double ns, const View& trial);
// The same of a span that may not have been recorded.
[[nodiscard]] Measured span_by_clock(std::optional<double> ns, const MetricQuestion& question,
                                     const View& trial);
// Of several, the larger: known to be at least what either is.
[[nodiscard]] Measured worst_of(const std::optional<Measured>& a, const Measured& b);

// A metric that reads one field, or a few, by a function.
template <MetricKind of_kind, MetricSide of_side,
          Measured (*read)(const MetricQuestion&, const View&), Need need = Need::nothing>
Registration<Metric> metric(std::string name, std::string help) {
  struct Read final : Metric {
    [[nodiscard]] MetricKind kind() const override { return of_kind; }
    [[nodiscard]] MetricSide side() const override { return of_side; }
    [[nodiscard]] Need needs() const override { return need; }
    [[nodiscard]] Measured measure(const MetricQuestion& question,
                                   const View& trial) const override {
      return read(question, trial);
    }
  };
  return Registration<Metric>(
      {.name = std::move(name),
       .help = std::move(help),
       .options = {},
       .make = [](const Options&) -> std::unique_ptr<Metric> { return std::make_unique<Read>(); }});
}

// The total of the metric's own name.
[[nodiscard]] Measured own_total(const MetricQuestion& question, const View& trial);

}  // namespace seatrial::judge
