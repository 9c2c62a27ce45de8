// Did the load that the scenario describes happen? A trial in which it did not would keep every
// promise by silence, and an expectation that it bears out would be borne out by nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/checker.hpp"

namespace seatrial::run {

struct LoadDoubt {
  Verdict verdict;  // invalid: there was none; unknown: it was another one, or it showed nothing
  std::string why;
};

// `trial` as in record.md. Nothing if each load happened and showed something.
std::vector<LoadDoubt> doubts_of_load(const nlohmann::json& trial);

}  // namespace seatrial::run
