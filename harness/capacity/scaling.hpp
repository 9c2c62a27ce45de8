// What the answers for several values of one axis say about scaling: the Universal Scalability Law
// through them, where the axis is a count of things that work together. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/view.hpp"

namespace seatrial::capacity {

// Counts that a capacity may grow with: partitions, brokers, lanes, members, also as the last part
// of a setting's path.
[[nodiscard]] bool is_count(const std::string& axis);

// The record's `capacity.scaling`, from its `searches`; null where there is no single axis, or it
// is none of those. A search that ended without an interval (at the generator's limit, undecided)
// is left out and named. Each rate is the middle of its interval, by its logarithm; how wide the
// interval is widens those of the coefficients.
[[nodiscard]] nlohmann::json scaling_of(const View& capacity);

}  // namespace seatrial::capacity
