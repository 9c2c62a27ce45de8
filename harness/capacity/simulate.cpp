// Boost.Random rather than <random>: the standard leaves distributions to each library.
#include "capacity/simulate.hpp"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <vector>

#include "capacity/search.hpp"
#include "core/mix.hpp"

namespace seatrial::capacity {
namespace {

class Queue {
 public:
  Queue(const Simulation& simulation, std::uint64_t seed) : simulation_(simulation), engine_(seed) {
    mu_ = std::pow(10, between(3, 6));
    knee_ = mu_ * between(0.5, 0.98);
    target_ = std::log(100) / (mu_ - knee_);
    start_ = std::pow(10, between(3, 6));
  }

  [[nodiscard]] double knee() const { return knee_; }
  [[nodiscard]] double start() const { return start_; }

  TrialOutcome trial(double per_s) {
    if (uniform_(engine_) < simulation_.invalid) return TrialOutcome::invalid;
    const double ends = simulation_.generator_at * mu_;
    if (ends > 0 && per_s > ends) return TrialOutcome::generator;
    if (per_s >= mu_) return TrialOutcome::failed;
    const double p99 = std::log(100) / (mu_ - per_s);
    const double measured = p99 * std::exp(simulation_.noise * normal_(engine_));
    return measured <= target_ ? TrialOutcome::passed : TrialOutcome::failed;
  }

 private:
  double between(double low, double high) { return low + (high - low) * uniform_(engine_); }

  const Simulation& simulation_;
  boost::random::mt19937_64 engine_;
  boost::random::normal_distribution<double> normal_;
  boost::random::uniform_01<double> uniform_;
  double mu_ = 0, knee_ = 0, target_ = 0, start_ = 0;
};

}  // namespace

Found simulate(const Simulation& simulation) {
  Found out;
  std::vector<double> widths;
  double trials = 0;
  for (int i = 0; i < simulation.searches; ++i) {
    const auto nth = static_cast<std::uint64_t>(i + 1);
    Queue queue(simulation, mix(simulation.seed + nth * golden_gamma));
    const SearchRules rules{.start_per_s = queue.start()};
    Search search(rules);
    while (const auto ask = search.next()) {
      search.take(queue.trial(ask->per_s), 1);
      if (search.trials() > most_trials(rules)) break;
    }
    ++out.searches;
    trials += search.trials();
    out.most_trials = std::max(out.most_trials, search.trials());
    out.unbounded += search.trials() > most_trials(rules) ? 1 : 0;
    const Answer answer = search.answer();
    if (!answer.lower_per_s || (!answer.upper_per_s && !answer.ended_by_generator)) continue;
    const bool above = *answer.lower_per_s <= queue.knee();
    if (!answer.upper_per_s) {
      ++out.at_least;
      out.inside += above ? 1 : 0;
      continue;
    }
    ++out.intervals;
    widths.push_back(*answer.upper_per_s / *answer.lower_per_s - 1);
    out.inside += above && queue.knee() <= *answer.upper_per_s ? 1 : 0;
  }
  out.mean_trials = trials / std::max(out.searches, 1);
  std::ranges::sort(widths);
  if (!widths.empty()) out.median_width = widths[widths.size() / 2];
  return out;
}

}  // namespace seatrial::capacity
