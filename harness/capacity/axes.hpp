// What `--over` varies: an axis is a name for a setting of the scenario, and its values. One search
// is made for each, or for each pair of two axes. Pure.
//
//   partitions=1,2,4,8        topics.TOPIC.partitions, of the topics that are produced to
//   linger=0,5,20             workloads.NAME.properties.linger.ms, of the searched workloads
//   cluster.config.num.io.threads=2,8     any other setting, by its path as --set takes it
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "scenario/plan.hpp"

namespace seatrial::capacity {

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

[[nodiscard]] Result<Axis> parse_axis(const std::string& text);

// Of all of them: an axis named twice, too many of them.
[[nodiscard]] Result<std::vector<Axis>> parse_axes(const std::vector<std::string>& texts);

// Values of all axes, in order, as `--set` takes them: empty names of nothing without axes.
struct Cell {
  std::vector<std::pair<std::string, std::string>> values;  // axis, value; in the axes' order
  [[nodiscard]] std::string name() const;                   // "partitions=4 acks=all"; "base"
};
[[nodiscard]] std::vector<Cell> cells_of(const std::vector<Axis>& axes);

// `path=value` each, for the trial as the scenario has it.
[[nodiscard]] std::vector<std::string> settings_of(const Cell& cell,
                                                   const scenario::TrialPlan& trial);

}  // namespace seatrial::capacity
