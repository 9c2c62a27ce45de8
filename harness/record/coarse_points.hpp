// Points of the record that grow coarser, not more (measure/coarse_series.hpp): of lists that are
// journalled by the second, and so would grow for as long as a run lasts. What was used or counted
// is added up, shares are means and what was held the most; a field whose name ends in _max or
// _least keeps the extremes of the seconds, and `length_s` says how many they are.
//
// Percentiles of two points are those of no histogram: they are left out. Whoever has the
// histograms journals the points of long intervals itself, and so keeps a list short of this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace seatrial::record {

// Whether points of this list of a trial are joined when there are many.
[[nodiscard]] bool grows_by_second(const std::string& list);

// Of points of several nodes, how many the node has that has the most.
[[nodiscard]] std::size_t most_of_a_part(const nlohmann::json& points);

// Joins points of the list, or of each of its nodes, where there are more than are kept; nothing
// across the beginning of measure and of the trial's faults, or their end. Ascending; what is no
// point of ours leaves the list as it is. How many may be added to each before somebody has to look
// again.
std::size_t coarsen_points(const std::string& list, nlohmann::json& points,
                           const nlohmann::json& trial);

// The same for points of a workload's series, of which twice as many are kept.
void coarsen_load(nlohmann::json& points, const nlohmann::json& trial);

}  // namespace seatrial::record
