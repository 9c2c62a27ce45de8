// What a lane is given at its beginning, and what it leaves at its end.
//
// The protocol between a lane and the harness, in the order of a trial:
//
//   1. `run` is called on the lane's thread. The lane connects, then calls `ready` once.
//   2. When all lanes are ready, the harness sets clock->start_ns. The lane waits for it, and works
//      from there on: message n is intended at start_ns plus its place in the schedule.
//   3. clock->measure_ns is set ahead of its time, once the load is steady; nothing changes for the
//      lane, whose recorder tells messages of warm-up and of measure apart by their intended time.
//   4. A producer intends nothing at or after clock->intend_until_ns. What is in flight then it
//      waits for until clock->settle_until_ns, which is set when settling begins; what is open
//      after that is unknown.
//   5. A consumer reads on until clock->consumers_stop and until nothing new has come for its quiet
//      time.
//   6. `run` returns the report. A stop request at any time shortens 4 and 5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/member_link.hpp"
#include "client/trial_clock.hpp"
#include "core/clients.hpp"
#include "core/history.hpp"
#include "core/ids.hpp"

namespace seatrial {

namespace measure {
class LaneRecorder;
class Availability;
}  // namespace measure
namespace ledger {
class LaneLedger;
class GroupLedger;
}  // namespace ledger

struct LaneContext {
  LaneId lane;
  int index = 0;         // of this lane within its workload
  int lanes = 1;         // of this workload
  std::string workload;  // its name in the scenario
  std::string bootstrap;
  std::string topic;
  int partitions = 1;           // of the topic
  std::uint32_t trial_tag = 0;  // random per trial: marks its messages
  std::uint32_t first_stream =
      0;                   // producers: stream of (this lane, partition p) is first_stream + p
  std::uint64_t seed = 0;  // of this lane
  std::map<std::string, std::string>
      properties;  // librdkafka's, from the scenario, after the matrix
  TrialClock* clock = nullptr;
  LaneCounters* counters = nullptr;
  measure::LaneRecorder* recorder = nullptr;
  measure::Availability* availability = nullptr;  // producers only; of all lanes
  std::size_t first_partition = 0;                // availability index of this topic's partition 0
  ledger::LaneLedger* ledger = nullptr;           // producers only
  // Consumers only: the ledger that the lanes of a group share, or, of a lane in a process of its
  // own, the link to it.
  ledger::GroupLedger* group = nullptr;
  MemberLink* link = nullptr;
  // Of a lane in a process of its own: what faults want it to do. Null: nobody wants anything.
  ClientConduct* conduct = nullptr;
};

// How the note of a client that can send nothing more begins.
inline constexpr std::string_view fatal_note = "fatal client error ";

// What a lane knows at its end, for the record.
struct LaneReport {
  std::uint64_t intended = 0;  // messages whose intended time fell before the end
  std::uint64_t unsent = 0;    // of those, never handed to the client
  std::map<std::string, std::string> effective_config;  // the client's own dump
  std::map<std::int32_t, std::map<std::string, std::uint64_t>>
      errors;                      // partition -> error name -> count
  std::vector<std::string> notes;  // fatal_note and the like, a sentence each
  std::uint64_t redelivered =
      0;                       // consumers: messages of a (stream, seq) that the group had already
  // Producers: by their own rule messages are handed over up to so much later than they are due.
  std::int64_t wake_ns = 0;
  std::string client_version;  // "librdkafka 2.0.2", as loaded
  std::map<std::string, std::uint64_t> counts;  // of the pattern's own, which its facts read
  // For the history, of workloads that have such; the audit fills in what the log holds.
  std::vector<TransactionHistory> transactions;
  std::vector<TransformHistory> transforms;  // without its inputs
  std::vector<KeyedHistory> keyed;           // without `found`
};

}  // namespace seatrial
