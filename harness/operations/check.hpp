// `seatrial check`: judges histories of operations, or every history*.jsonl (.json, .gz) below a
// folder, one after the other, so that memory is bounded by the largest. What cannot be read does
// not hide the verdicts on the others. Prints nothing itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "operations/judge.hpp"

namespace seatrial::operations {

struct CheckRequest {
  std::vector<std::filesystem::path> paths;  // files and folders
  bool json = false;
  JudgeSettings settings;
};

struct CheckOutcome {
  std::string text;                     // for standard output
  std::string asides;                   // for standard error, where the text is JSON
  Validity validity = Validity::valid;  // at best unknown if something could not be read
  bool unreadable = false;
  // 0 valid, 1 invalid, 3 something could not be read, 2 unknown.
  [[nodiscard]] int exit_code() const {
    if (validity == Validity::invalid) return 1;
    return unreadable ? 3 : validity == Validity::unknown ? 2 : 0;
  }
};

// An error if nothing can be judged: all paths are no histories, or cannot be read. Where JSON is
// asked for, that is in the JSON.
[[nodiscard]] Result<CheckOutcome> check_histories(const CheckRequest& request);

}  // namespace seatrial::operations
