// What a plug-in throws when it is made of options that are each sound but do not go together, so
// that each problem is told at its own place in the file. For one problem of the whole a UsageError
// will do.
#pragma once

#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/options.hpp"

namespace seatrial {

struct OptionsRefused : UsageError {
  explicit OptionsRefused(std::vector<OptionProblem> all)  // at least one
      : UsageError(all.front().message), problems(std::move(all)) {}
  std::vector<OptionProblem> problems;
};

}  // namespace seatrial
