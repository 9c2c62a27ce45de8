// A trial's history as others read it: one JSON object a line, shaped like the operations of
// Jepsen's Kafka workload, so that `seatrial check` and other tools can judge it.
//
// A message is a send of the value stream << 40 | sequence to the key "topic/partition". Messages
// of one transaction are one operation `txn`. A message of unknown outcome is `info`.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "ledger/operation_log.hpp"

namespace seatrial::record {

struct ExportSetting {
  std::map<std::string, std::string> group_topics;  // workload -> the topic that it reads
};

// In order of time. `history`: whose streams name the topics, and whose transactions the fates of
// their messages.
void write_history(std::ostream& out, ledger::OperationLog::Kept operations, const History& history,
                   const ExportSetting& setting);

}  // namespace seatrial::record
