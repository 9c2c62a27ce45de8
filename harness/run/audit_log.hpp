// The audit of a trial: after healing, wait for full ISR, sample each partition's log end, read
// every partition from its start to that end with a fresh client, and compare with the ledger
// (ledger/audit.hpp).
//
// A leader that changes while its partition is read makes the reading begin anew. Anything that
// keeps the audit from the whole truth (no full ISR within the budget, a high watermark that does
// not reach the log's end, time running out) makes the partition incomplete with a reason, and the
// trial's verdict UNKNOWN; never a pass.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "core/history.hpp"
#include "kafka/watch.hpp"
#include "ledger/audit.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

struct AuditSetting {
  kafka::ClusterWatch& watch;
  std::string bootstrap;
  const std::vector<scenario::TopicPlan>& topics;
  std::uint32_t trial_tag = 0;
  nanoseconds recover_budget;
  nanoseconds read_budget;
  bool watch_by_wire = true;  // false: a mock, whose ISR means nothing
  // Tells each new audit, once it knows its partitions, what else to look for. May be empty.
  std::function<void(ledger::Audit&)> prepare{};
};

struct AuditResult {
  bool complete = false;
  std::string reason;              // why not
  nanoseconds full_isr_after{-1};  // since healing; -1: never
  nanoseconds duration{0};
  std::uint64_t messages_read = 0;
};

// Fills history.streams[].present and history.partitions. `progress` is called with the messages
// read.
AuditResult audit_log(const AuditSetting& setting, History& history, const std::stop_token& stop,
                      const std::function<void(std::uint64_t)>& progress);

// Whether every partition of `topics` has a leader and as many in-sync replicas as it should.
bool fully_replicated(const kafka::ClusterState& state,
                      const std::vector<scenario::TopicPlan>& topics);

}  // namespace seatrial::run
