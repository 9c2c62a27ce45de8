// What the halves of a gate's pairs came to, read from its record: the value of each metric on
// either side, and which pairs say nothing.
//
// A pair is void only by what its outcome cannot cause: other processes and other machines on this
// one, a generator that stalled, a control that moved, a baseline that never became steady or never
// ran, a fault without effect. What a candidate does to itself counts against it: one that does not
// run, or does not become steady, is worse by much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/view.hpp"
#include "gate/gated.hpp"

namespace seatrial::gate {

struct Compared {
  std::optional<double> baseline, candidate;  // in the metric's unit
  std::optional<double> effect;               // as decide.hpp has it; absent: not comparable
  std::string why;                            // what keeps it from being compared, or was assumed
};

struct Pair {
  int number = 0;  // from 0
  bool candidate_first = false;
  View baseline, candidate;             // its trials
  std::vector<std::string> voids;       // why it says nothing; mostly none
  std::optional<double> control_moved;  // of the calibration, from first to second half
  std::vector<Compared> metrics;        // of each gated metric, in their order
};

// Of pairs whose halves have both come to an end, in the order in which they ran. The views are of
// `record`, which must outlive them.
[[nodiscard]] std::vector<Pair> read_pairs(const View& record, const std::vector<Gated>& gated);

}  // namespace seatrial::gate
