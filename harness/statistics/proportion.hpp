// What k of n trials say of a probability, exactly (C. Clopper and E. Pearson, The use of
// confidence or fiducial limits illustrated in the case of the binomial, 1934). Pure.
#pragma once

#include <cstdint>

namespace seatrial::statistics {

struct Share {
  std::uint64_t hits = 0;
  std::uint64_t trials = 0;  // none: nothing is known, and the bounds are 0 and 1
};

// One-sided: the probability is at most (at least) this, with that confidence.
[[nodiscard]] double at_most(const Share& share, double confidence);
[[nodiscard]] double at_least(const Share& share, double confidence);

}  // namespace seatrial::statistics
