// Only the generator is told apart so far.
#include "capacity/bound.hpp"

namespace seatrial::capacity {

Bound bound_between(const View& record, const std::vector<std::size_t>& trials_at_lower,
                    const std::vector<std::size_t>& trials_at_upper, bool generator) {
  static_cast<void>(record);
  static_cast<void>(trials_at_lower);
  static_cast<void>(trials_at_upper);
  if (generator)
    return {.name = "generator", .text = "the load generator was late of itself", .evidence = {}};
  return {.name = "not examined",
          .text = "which resource gave way first was not looked for",
          .evidence = {}};
}

}  // namespace seatrial::capacity
