// What an expectation may ask of a trial. A metric has a unit and a side that it is of, and reads
// its value from the trial's part of the record; one or several of a kind per file under
// judge/metrics/. Beside these, what a checker counts is a metric by the checker's name, and what
// a workload counts one by the fact's (client/fact.hpp).
#pragma once

#include <string>

#include "core/need.hpp"
#include "core/registry.hpp"
#include "core/view.hpp"

namespace seatrial {

// Decides a metric's unit, and which workloads can have it. Of a rate more is better, of what else
// a gate compares less is. A ratio is a number for each of something.
enum class MetricKind { count, share, latency, duration, rate, ratio };
enum class MetricSide { produced, consumed, cluster };

// What is known of a metric in one trial: its value, or between what it lies, or nothing at all.
struct Measured {
  double least = 0;
  double most = 0;  // of a value that is known: the same
  // What keeps the value from being known, as people read it behind "observed ...: "; else empty.
  std::string why;

  static Measured exactly(double value) { return {value, value, ""}; }
  static Measured between(double least, double most, std::string why);
  static Measured at_least(double least, std::string why);
  static Measured nothing(std::string why);
  [[nodiscard]] bool known() const { return why.empty(); }
  [[nodiscard]] bool bounded() const;  // whether anything is known
};

struct MetricQuestion {
  std::string function;  // "p99", "max", ...; empty for a plain metric
  std::string workload;  // empty: over all workloads
  std::string metric;    // "acked_lost", "response", ...
  bool outside_faults = false;
  friend bool operator==(const MetricQuestion&, const MetricQuestion&) = default;
};

class Metric {
 public:
  virtual ~Metric() = default;
  [[nodiscard]] virtual MetricKind kind() const = 0;
  [[nodiscard]] virtual MetricSide side() const = 0;
  [[nodiscard]] virtual Need needs() const { return Need::nothing; }
  // `trial`: its part of the record (record/record.md).
  [[nodiscard]] virtual Measured measure(const MetricQuestion& question,
                                         const View& trial) const = 0;
};

}  // namespace seatrial
