// All checkers over one history, and the verdict of their findings: a violation makes it invalid;
// what is undecided, or cannot be told apart, or a checker that threw, makes it unknown; else it is
// valid. A history in which nothing was polled proves nothing and is unknown.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "operations/checker.hpp"

namespace seatrial::operations {

enum class Validity { valid, unknown, invalid };  // the worst of many is that of all
std::string_view to_string(Validity validity);    // "true", "unknown", "false", as in the JSON

struct JudgeSettings {
  std::size_t limit = 1000;  // findings kept of each anomaly, and values of each; all are counted
  std::string lag = "10s";   // at_least of realtime-lag
};

struct Judgement {
  Validity validity = Validity::unknown;
  std::map<std::string, Findings> anomalies;  // those that were found
  std::vector<std::string> notes;             // what is unknown, and why
};

// Throws UsageError if a setting is malformed.
[[nodiscard]] Judgement judge(const History& history, const JudgeSettings& settings);

}  // namespace seatrial::operations
