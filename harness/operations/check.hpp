// `seatrial check`: judges a history of operations, or every history*.jsonl below a run's folder,
// one after the other, so that memory is bounded by the largest. Prints nothing itself.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"
#include "operations/judge.hpp"

namespace seatrial::operations {

struct CheckRequest {
  std::filesystem::path path;  // a file, or a folder
  bool json = false;
  JudgeSettings settings;
};

struct CheckOutcome {
  std::string text;    // for standard output
  std::string asides;  // for standard error: what the JSON has no place for
  Validity validity = Validity::valid;
  // 0 valid, 1 invalid, 2 unknown.
  [[nodiscard]] int exit_code() const {
    return validity == Validity::invalid ? 1 : validity == Validity::unknown ? 2 : 0;
  }
};

// An error if something cannot be read or is no history.
[[nodiscard]] Result<CheckOutcome> check_histories(const CheckRequest& request);

}  // namespace seatrial::operations
