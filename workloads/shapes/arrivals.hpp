// What a producing workload offers: the options `rate` and `arrivals`, read together.
//
//   arrivals: constant | poisson | bursts(100) | bursts(100, 5ms) | ramp(100/s, 30s)
//             | diurnal(500/s, 24h) | gaps(orders.txt) | times(orders.txt, repeat)
//             | steps(100/s 30s, 2k/s) | spikes(2k/s, 5s, 60s) | rates(week.csv)
//
// A file is named from the scenario's folder. It, and steps, have a rate of their own.
#pragma once

#include <string>
#include <string_view>

#include "core/options.hpp"
#include "measure/arrivals.hpp"

namespace seatrial::workloads {

inline constexpr std::string_view arrivals_help =
    "how messages spread: constant, poisson, bursts(N) or bursts(N, TIME), ramp(FROM, TIME) up to "
    "`rate`, diurnal(LOWEST, DAY) with `rate` at noon, spikes(RATE, LENGTH, EVERY) above `rate`; "
    "with a rate of their own, steps(RATE TIME, ..., RATE), or recorded, as rates(FILE), "
    "gaps(FILE) or times(FILE), these also with `, repeat`";

// For option tables: what is wrong with a text as far as it says itself, or an empty string.
std::string validate_arrivals(std::string_view text);

struct Offer {
  Rate rate;
  measure::Arrivals arrivals;
  [[nodiscard]] double per_second() const { return rate.unlimited ? 0 : rate.per_second(); }
  [[nodiscard]] double messages(nanoseconds span) const {
    return measure::offered_messages(rate, arrivals, span);
  }
};

// Reads a trace's file. Throws UsageError, which begins with the option's name, on what cannot be
// read and on what does not go together.
Offer offer_of(const Options& options);

}  // namespace seatrial::workloads
