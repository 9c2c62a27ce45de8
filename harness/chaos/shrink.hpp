// The fewest faults that still fail: delta debugging (A. Zeller and R. Hildebrandt, Simplifying and
// isolating failure-inducing input, IEEE Transactions on Software Engineering 28(2), 2002) over the
// faults of a timeline, then each left out once more, then the time that each is held halved for as
// long as it fails.
//
// Faults are not deterministic, so that a candidate is run until it fails, or has passed r times:
// were it to fail at the rate p seen so far, so many passes would come by chance in less than one
// of twenty cases: (1 - p)^r < 0.05. What says nothing (an invalid trial) is run again, some times.
//
// All that was tried is in the state, which is saved after every run: with it the search goes on
// where it was, since what is known of a candidate is not run again. Pure but for what it calls.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace seatrial::chaos {

// A fault of the original timeline, held for its time there halved so often.
struct Piece {
  std::size_t fault = 0;
  int halvings = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};
using Candidate = std::vector<Piece>;               // ascending by fault
std::string to_string(const Candidate& candidate);  // "0 3/2": fault 3 halved twice

enum class Outcome { fails, passes, says_nothing };

struct Tried {
  int failed = 0;
  int passed = 0;
  int invalid = 0;
  friend bool operator==(const Tried&, const Tried&) = default;
};

struct ShrinkState {
  Candidate best;                      // fails, as far as is known
  std::map<std::string, Tried> tried;  // by candidate; of a second look, with " again"
  // Of those that fail: what their rate is taken from.
  int failed = 0;
  int runs = 0;
};

struct ShrinkSetting {
  std::vector<int> halvings;  // of each fault of the timeline: how often its time may be halved
  int confirmations = 5;      // runs of the whole timeline; it must fail in one at least
  int most_repeats = 20;
  int most_invalid = 3;
  std::function<Outcome(const Candidate&)> run;  // throws to give up; the state stays sound
  std::function<void(const ShrinkState&)> save;  // after every run and every step
  std::function<bool()> enough;                  // asked before every run
};

enum class ShrinkEnd { minimal, not_reproduced, out_of_budget };

// Starts with, or goes on from, `state`.
ShrinkEnd shrink(const ShrinkSetting& setting, ShrinkState& state);

// Runs after which a candidate that fails at the rate `failed` of `runs` has failed once in 19 of
// 20 cases; at least 1, at most `most`.
[[nodiscard]] int repeats_for(int failed, int runs, int most);

}  // namespace seatrial::chaos
