// The audit of a trial: after healing, wait for full ISR, sample each partition's log end, read
// every partition from its start to that end with a fresh client, and compare with the ledger
// (ledger/audit.hpp).
//
// A leader that changes while its partition is read makes the reading begin anew. Anything that
// keeps the audit from the whole truth (no full ISR within the budget, a high watermark or a last
// stable offset that does not reach the log's end, time running out) makes the partition incomplete
// with a reason, and the trial's verdict UNKNOWN; never a pass.
//
// It reads straight from Fetch answers, in one pass for both isolation levels. A log or a cluster
// that refuses that is read through librdkafka, and the result names what then is not checked.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/log.hpp"
#include "kafka/access.hpp"
#include "kafka/log_reader.hpp"
#include "kafka/watch.hpp"
#include "ledger/audit.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

struct AuditSetting {
  kafka::ClusterWatch& watch;
  kafka::Access access;
  const std::vector<scenario::TopicPlan>& topics;
  std::uint32_t trial_tag = 0;
  nanoseconds recover_budget;
  nanoseconds read_budget;
  bool watch_by_wire = true;  // false: a mock, whose ISR means nothing
  // Tells each new audit, once it knows its partitions, what else to look for. May be empty.
  std::function<void(ledger::Audit&)> prepare{};
  // Told of every reading and every record, then given the history to add to.
  std::vector<LogObserver*> observers{};
  kafka::Reader reader = kafka::Reader::wire;  // the first choice
};

struct AuditResult {
  bool complete = false;
  std::string reason;              // why not
  nanoseconds full_isr_after{-1};  // since healing; -1: never
  nanoseconds duration{0};
  std::uint64_t messages_read = 0;
  kafka::Reader reader = kafka::Reader::wire;  // that read the log
  std::string reader_reason;                   // why not by wire; empty if it was
};

// What a log that was read so cannot be checked for.
std::vector<std::string> not_checked(kafka::Reader reader);

// Fills what history.streams[] tell of the log, and history.partitions. `progress` is called with
// the messages read.
AuditResult audit_log(const AuditSetting& setting, History& history, const std::stop_token& stop,
                      const std::function<void(std::uint64_t)>& progress);

// Whether every partition of `topics` has a leader and as many in-sync replicas as it should.
bool fully_replicated(const kafka::ClusterState& state,
                      const std::vector<scenario::TopicPlan>& topics);

}  // namespace seatrial::run
