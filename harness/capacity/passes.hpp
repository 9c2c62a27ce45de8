// What a trial says of its load: whether it kept the targets, and steadily so.
//
// A trial passes if each of these holds; each that does not is a reason by its own name:
//
//   target      every target of the search, as the trial's part of the record answers it
//   errors      of the messages due within measure, at most a thousandth failed or stayed unknown
//   achieved    as many acks arrived within measure as 99 % of what fell due
//   lag         what was due and not acked did not grow: the upper bound of its slope over the
//               seconds of measure (Theil and Sen, 90 %) is at most 2 % of what fell due. Of a load
//               that stands still within its noise that bound is above 0, so 0 would fail them all
//   steady      it was steady before measure began (judge/steady.hpp), where warm-up is long enough
//               to tell
//   queue       clients' queues were not full for longer than a twentieth of the time
//
// It says nothing (invalid) where its surroundings disturbed it, where it did not run, and where
// all of the above hold so far as they are known, but not all are. Where the generator was late of
// itself, the load is the generator's limit and not the cluster's.
//
// Units: rates in messages per second over all searched workloads. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capacity/search.hpp"
#include "core/view.hpp"
#include "scenario/plan.hpp"

namespace seatrial::capacity {

struct PassRules {
  std::vector<scenario::Expectation> targets;
  std::vector<std::string> workloads;  // whose rate is searched
  double errors = 0.001;               // shares
  double achieved = 0.99;
  double lag = 0.02;  // of what fell due
};

struct Reason {
  std::string name, text;
  friend bool operator==(const Reason&, const Reason&) = default;
};

struct TargetSeen {
  std::string that;
  std::optional<double> value;
  bool held = false;
};

struct Seen {
  TrialOutcome outcome = TrialOutcome::invalid;
  std::vector<Reason> reasons;  // none if it passed
  std::vector<TargetSeen> targets;
  std::optional<double> offered_per_s, achieved_share, error_share;
  std::optional<double> lag_slope, lag_slope_high;   // messages per second
  std::optional<double> brokers_cpu, generator_cpu;  // cores, within measure
  double took_s = 0;                                 // as far as the trial tells
};

// `trial`: its part of the record, complete.
[[nodiscard]] Seen seen_in(const View& trial, const PassRules& rules);

}  // namespace seatrial::capacity
