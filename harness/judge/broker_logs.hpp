// Brokers' logs as evidence: lines that tell of something no scenario should pass over (fatal
// errors, corruption, exhausted memory, log folders that were given up, recovery after an unclean
// end, elections outside the ISR), each with its file and line, and whether it was to be expected.
//
// Reading is line by line, so a log of any size is fine. Pure: who collects the logs is the trial.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/checker.hpp"

namespace seatrial::judge {

struct BrokerLogFinding {
  std::string file;  // "broker-2.log"
  std::string kind;  // of broker_log_kinds()
  std::uint64_t count = 0;
  std::uint64_t line = 0;  // of the first, from 1
  std::string text;        // of the first, cut at 300 bytes
  Allowance allowance = Allowance::violation;
  std::string why;
};

// The kinds, with what each means: for `explain`, and for a scenario's list of allowed ones.
struct BrokerLogKind {
  std::string name;
  std::string help;
};
[[nodiscard]] const std::vector<BrokerLogKind>& broker_log_kinds();

struct BrokerLogRules {
  // A scenario's `allow_in_broker_logs`: names of kinds, or a part of a line's text.
  std::vector<std::string> allowed;
  std::set<std::string> ended_files;      // of nodes that a fault ended: these recover afterwards
  std::set<std::string> dark_files;       // of nodes that lost what they had not flushed
  std::set<std::string> failed_disk_files;
  bool unclean_election_allowed = false;  // by the configuration of any topic
};

// One finding for each kind, and where some of its lines are allowed and some not, one for each.
[[nodiscard]] std::vector<BrokerLogFinding> scan_broker_log(std::istream& log,
                                                            const std::string& file,
                                                            const BrokerLogRules& rules);

}  // namespace seatrial::judge
