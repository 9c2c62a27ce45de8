// Shifts of simulated samples, kept by their size and level.
#include "gate/power.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "core/check.hpp"
#include "statistics/signed_rank.hpp"

namespace seatrial::gate {
namespace {

constexpr int samples = 10'000;
constexpr std::uint64_t samples_seed = 20'130'624;

// By how much each normal sample of sigma 1 must be shifted.
struct Shift {
  double to_reject = 0;    // until the one-sided test rejects
  double to_estimate = 0;  // until its Hodges-Lehmann estimate is 0
};

struct Shifts {
  std::vector<Shift> each;
  std::vector<double> to_reject;   // sorted
  std::vector<double> detectable;  // with the stated power, at delta = 0, grid, 2 grid, ... sigmas
  double to_estimate = 0;          // with the stated power
};

// At its end, four sigmas, any sample whose estimate reaches delta is rejected as well.
constexpr double grid = 1.0 / 16;
constexpr std::size_t grid_points = 65;

double quantile(std::vector<double> values, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(std::min(index, values.size() - 1));
  std::ranges::nth_element(values, place);
  return *place;
}

double needed(const Shift& shift, double delta_in_sigmas) {
  return std::max(shift.to_reject, delta_in_sigmas + shift.to_estimate);
}

// `tail`: how many values of W, from 0 on, reject. W counts the Walsh averages above the bound, so
// a shift rejects as soon as it lifts the one at that place of their order above it.
std::vector<Shift> drawn_shifts(std::size_t n, std::size_t tail) {
  boost::random::mt19937_64 engine(samples_seed);
  boost::random::normal_distribution<double> normal;
  std::vector<Shift> shifts;
  std::vector<double> sample(n);
  for (int i = 0; i < samples; ++i) {
    std::ranges::generate(sample, [&] { return normal(engine); });
    std::vector<double> averages = statistics::walsh_averages(sample);
    const auto at = [&](std::size_t index) {
      const auto place = averages.begin() + static_cast<std::ptrdiff_t>(index);
      std::ranges::nth_element(averages, place);
      return *place;
    };
    const double median = (at((averages.size() - 1) / 2) + at(averages.size() / 2)) / 2;
    shifts.push_back({.to_reject = -at(tail - 1), .to_estimate = -median});
  }
  return shifts;
}

Shifts summed_up(std::vector<Shift> each) {
  Shifts shifts{.each = std::move(each)};
  std::vector<double> values(shifts.each.size());
  for (std::size_t i = 0; i < grid_points; ++i) {
    const double delta = static_cast<double>(i) * grid;
    std::ranges::transform(shifts.each, values.begin(),
                           [&](const Shift& shift) { return needed(shift, delta); });
    shifts.detectable.push_back(quantile(values, stated_power));
  }
  std::ranges::transform(shifts.each, values.begin(), &Shift::to_estimate);
  shifts.to_estimate = quantile(values, stated_power);
  std::ranges::transform(shifts.each, values.begin(), &Shift::to_reject);
  std::ranges::sort(values);
  shifts.to_reject = std::move(values);
  return shifts;
}

// Nothing where no sample of n is rejected at that level.
const Shifts* shifts_of(int n, double alpha) {
  static std::mutex mutex;
  static std::map<std::pair<std::size_t, std::size_t>, Shifts> known;  // nodes stay where they are
  const auto pairs = static_cast<std::size_t>(std::max(n, 0));
  const std::size_t tail = statistics::signed_rank_tail(pairs, alpha);
  if (tail == 0) return nullptr;
  const std::scoped_lock lock(mutex);
  const auto key = std::pair(pairs, tail);
  auto found = known.find(key);
  if (found == known.end()) found = known.emplace(key, summed_up(drawn_shifts(pairs, tail))).first;
  return &found->second;
}

double share_up_to(const std::vector<double>& sorted, double value) {
  return static_cast<double>(std::ranges::upper_bound(sorted, value) - sorted.begin()) /
         static_cast<double>(sorted.size());
}

double in_sigmas(double ln, double sigma) {
  if (sigma > 0 || ln == 0) return ln == 0 ? 0 : ln / sigma;
  return std::copysign(std::numeric_limits<double>::infinity(), ln);
}

double normal_at_most(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

// The estimate that half of all samples of n need for a rejection.
double typical_need(int n, double sigma, double alpha) {
  const Shifts* shifts = shifts_of(n, alpha);
  return shifts == nullptr ? std::numeric_limits<double>::infinity()
                           : sigma * shifts->to_reject[shifts->to_reject.size() / 2];
}

// The standard deviation of the estimate is that of the mean, times sqrt(pi/3) for normal noise.
const double estimate_per_mean = std::sqrt(std::acos(-1.0) / 3);

}  // namespace

double power(int n, double sigma, double effect, const Rules& rules, double delta, int metrics) {
  check(metrics > 0, "a gate has a metric");
  const Shifts* shifts = shifts_of(n, look_alpha(rules) / metrics);
  if (shifts == nullptr) return 0;
  const double shift = in_sigmas(std::log1p(effect), sigma);
  const double to_delta = in_sigmas(std::log1p(delta) - std::log1p(effect), sigma);
  const auto fails = std::ranges::count_if(shifts->each, [&](const Shift& s) {
    return s.to_reject <= shift && to_delta + s.to_estimate <= 0;
  });
  return static_cast<double>(fails) / static_cast<double>(shifts->each.size());
}

double power_to_pass(int n, double sigma, double effect, const Rules& rules, double delta_max) {
  const Shifts* shifts = shifts_of(n, look_alpha(rules));
  if (shifts == nullptr) return 0;
  return share_up_to(shifts->to_reject,
                     in_sigmas(std::log1p(delta_max) - std::log1p(effect), sigma));
}

double minimum_detectable(int n, double sigma, const Rules& rules, double delta, int metrics) {
  check(metrics > 0, "a gate has a metric");
  const Shifts* shifts = shifts_of(n, look_alpha(rules) / metrics);
  if (shifts == nullptr) return std::numeric_limits<double>::infinity();
  const double ln = std::log1p(delta);
  const double place = sigma > 0 ? ln / sigma / grid : grid_points;
  const auto below = static_cast<std::size_t>(std::min(place, 1.0 * grid_points));
  if (below + 1 >= grid_points) return std::expm1(ln + sigma * shifts->to_estimate);
  const double part = place - static_cast<double>(below);
  const double lower = shifts->detectable[below];
  return std::expm1(sigma * (lower + part * (shifts->detectable[below + 1] - lower)));
}

double sigma_of(const statistics::Estimate& estimate, int n) {
  if (n < 2 || estimate.confidence <= 0) return 0;
  // The interval allows for noise that is known from this sample alone, as Student's does.
  const double t =
      boost::math::quantile(boost::math::students_t(n - 1.0), (1 + estimate.confidence) / 2);
  return (estimate.high - estimate.low) / (2 * t) * std::sqrt(static_cast<double>(n)) /
         estimate_per_mean;
}

Chances chances_at_last_look(const Interim& interim, const Rules& rules, int metrics) {
  const int last = rules.looks.back();
  const auto total = static_cast<double>(last);
  const auto left = static_cast<double>(std::max(last - interim.pairs, 0));
  const double error = interim.sigma * estimate_per_mean * std::sqrt(left) / total;
  const double fails_from =
      std::max(std::log1p(interim.threshold.delta),
               typical_need(last, interim.sigma, look_alpha(rules) / metrics));
  const double passes_to = std::log1p(interim.threshold.delta_max) -
                           typical_need(last, interim.sigma, look_alpha(rules));
  Chances chances;
  chances.fail = normal_at_most(in_sigmas(interim.estimate - fails_from, error));
  chances.pass = normal_at_most(in_sigmas(passes_to - interim.estimate, error));
  // What is enough for both is a failure.
  chances.pass = std::min(chances.pass, 1 - chances.fail);
  return chances;
}

std::vector<int> looks_within(const Rules& rules, double seconds_per_pair, double budget_s,
                              int metrics) {
  check(seconds_per_pair > 0, "a pair takes time");
  const double most = std::floor(budget_s / seconds_per_pair);
  std::vector<int> looks;
  for (const int look : rules.looks) {
    if (look <= most) looks.push_back(look);
  }
  if (!looks.empty() || most < 2) return looks;
  const int whole_blocks = static_cast<int>(most) / 2 * 2;
  if (metrics == 0 || statistics::signed_rank_tail(static_cast<std::size_t>(whole_blocks),
                                                   rules.alpha / metrics) > 0)
    looks.push_back(whole_blocks);
  return looks;
}

}  // namespace seatrial::gate
