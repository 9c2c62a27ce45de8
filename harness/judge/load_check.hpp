// Did the load that the scenario describes happen? A trial in which it did not would keep every
// promise by silence, and an expectation that it bears out would be borne out by nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/view.hpp"

namespace seatrial::judge {

struct LoadDoubt {
  Verdict verdict;  // invalid: there was none; unknown: it was another one, or it showed nothing
  std::string why;
};

// Of a workload's messages, those that were intended within measure; nothing if the trial has no
// series of it.
struct WithinMeasure {
  std::uint64_t intended = 0, acked = 0;
};
std::optional<WithinMeasure> within_measure(const View& trial, const std::string& workload);

// Nothing if each load happened and showed something.
std::vector<LoadDoubt> doubts_of_load(const View& trial);

}  // namespace seatrial::judge
