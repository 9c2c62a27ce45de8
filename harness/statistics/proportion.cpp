// Quantiles of the beta distribution, by Boost.Math.
#include "statistics/proportion.hpp"

#include <boost/math/special_functions/beta.hpp>

namespace seatrial::statistics {

double at_most(const Share& share, double confidence) {
  if (share.hits >= share.trials) return 1;
  const auto hits = static_cast<double>(share.hits);
  return boost::math::ibeta_inv(hits + 1, static_cast<double>(share.trials) - hits, confidence);
}

double at_least(const Share& share, double confidence) {
  if (share.hits == 0) return 0;
  return 1 - at_most({share.trials - share.hits, share.trials}, confidence);
}

}  // namespace seatrial::statistics
