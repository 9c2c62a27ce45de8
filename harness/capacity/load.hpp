// A trial at another load than its scenario's: the rates of its producers, all by the same factor.
// Pure.
#pragma once

#include <map>
#include <string>

#include "capacity/search.hpp"
#include "core/result.hpp"
#include "scenario/plan.hpp"

namespace seatrial::capacity {

// What is searched: the sum of these workloads' rates, whose ratio stays as it is.
struct Searched {
  std::map<std::string, double> rates_per_s;  // as the scenario has them, in messages
  double per_s = 0;                           // their sum
  double message_bytes = 0;                   // the mean payload, by these rates
};

// The error says why there is no rate to search, and what to change.
[[nodiscard]] Result<Searched> searched_in(const scenario::TrialPlan& trial);

// What a rate is written as: 8000/s; below 1000 a second by the minute, so that rounding is small.
[[nodiscard]] std::string rate_text(double per_s);

// The trial with these rates, and the phases that a trial of `phase` has. Index, seed and names are
// left as they are.
[[nodiscard]] scenario::TrialPlan at_load(const scenario::TrialPlan& base, const Searched& searched,
                                          const Ask& ask);

// How long a trial of that phase measures: short ones first, by the scenario's own measure.
[[nodiscard]] nanoseconds measure_of(const scenario::TrialPlan& base, Phase phase);

// How long a trial of that phase takes at most, and mostly; with `fresh` brokers, their start
// included.
struct Span {
  double most_s = 0, usual_s = 0;
};
[[nodiscard]] Span length_of(const scenario::TrialPlan& base, Phase phase, bool fresh);

}  // namespace seatrial::capacity
