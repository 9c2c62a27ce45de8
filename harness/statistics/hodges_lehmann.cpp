// Order statistics of the Walsh averages, each found by a partial sort of what the last one left.
#include "statistics/hodges_lehmann.hpp"

#include <algorithm>
#include <cstddef>

#include "statistics/signed_rank.hpp"

namespace seatrial::statistics {
namespace {

// Asked for in rising order; what is before an answer is not looked at again.
class RisingOrder {
 public:
  explicit RisingOrder(std::vector<double>& values) : values_(values), from_(values.begin()) {}
  double at(std::size_t index) {
    const auto wanted = values_.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(from_, wanted, values_.end());
    from_ = wanted;
    return *wanted;
  }

 private:
  std::vector<double>& values_;
  std::vector<double>::iterator from_;
};

}  // namespace

std::vector<double> walsh_averages(std::span<const double> values) {
  std::vector<double> averages;
  averages.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) {
      averages.push_back(i == j ? values[i] : (values[i] + values[j]) / 2);
    }
  }
  return averages;
}

Estimate hodges_lehmann(std::span<const double> values, double confidence) {
  if (values.empty()) return {};
  std::vector<double> averages = walsh_averages(values);
  const std::size_t n = averages.size();
  // A tail that holds W = 0 to cut - 1 leaves out as many averages at either end, less one.
  const std::size_t cut =
      std::max<std::size_t>(signed_rank_tail(values.size(), (1 - confidence) / 2), 1);
  RisingOrder order(averages);
  Estimate estimate;
  estimate.low = order.at(cut - 1);
  const double lower_middle = order.at((n - 1) / 2);
  estimate.value = (lower_middle + order.at(n / 2)) / 2;
  estimate.high = order.at(n - cut);
  estimate.confidence = 1 - 2 * signed_rank_at_most(values.size(), cut - 1);
  return estimate;
}

}  // namespace seatrial::statistics
