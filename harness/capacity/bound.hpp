// What gave way first, between a load that was kept and one that was not. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::capacity {

struct Bound {
  std::string name;  // of a constraint (judge/constraint.hpp), not_seen, or "not examined"
  std::string text;  // a sentence
  std::vector<std::string> evidence;  // what else was at its limit
};

// `record`: of the run. Either list holds places in its `trials`; the upper one may be empty.
// `generator`: it ended the search, so that nothing is said of the cluster.
[[nodiscard]] Bound bound_between(const View& record,
                                  const std::vector<std::size_t>& trials_at_lower,
                                  const std::vector<std::size_t>& trials_at_upper, bool generator);

}  // namespace seatrial::capacity
