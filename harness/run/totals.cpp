// Sums over lanes, streams and members.
#include "run/totals.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/check.hpp"
#include "kafka/admin.hpp"
#include "record/group_record.hpp"
#include "run/group_lanes.hpp"
#include "run/groups.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// Absent where there were none: a plain producer's record does not speak of transactions.
void add_transactions(const History& history, const std::string& workload, json& totals) {
  std::uint64_t committed = 0, aborted = 0, unknown = 0, fenced = 0, zombies = 0, refused = 0;
  for (const TransactionHistory& t : history.transactions) {
    if (t.workload != workload) continue;
    committed += t.outcome == TransactionHistory::Outcome::committed ? 1U : 0U;
    aborted += t.outcome == TransactionHistory::Outcome::aborted ? 1U : 0U;
    unknown += t.outcome == TransactionHistory::Outcome::unknown ? 1U : 0U;
    fenced += t.fenced ? 1U : 0U;
    zombies += t.zombie ? 1U : 0U;
    refused += t.zombie && t.fenced ? 1U : 0U;
  }
  if (committed + aborted + unknown == 0) return;
  totals.update({{"transactions_committed", committed},
                 {"transactions_aborted", aborted},
                 {"transactions_unknown", unknown},
                 {"transactions_fenced", fenced},
                 {"zombie_commits", zombies},
                 {"zombie_commits_refused", refused}});
}

// By the client's names of the errors; absent where no commit was refused.
void add_refusals(const History& history, const std::string& workload, json& row) {
  std::map<std::string, std::uint64_t> refusals;
  for (const TransactionHistory& t : history.transactions) {
    if (t.workload == workload && !t.refusal.empty()) ++refusals[t.refusal];
  }
  if (!refusals.empty()) row["commit_refusals"] = refusals;
}

// Deleted for good, as far as the log tells: the tombstone is gone, too.
std::uint64_t tombstones_gone(const History& history, const std::string& workload) {
  std::uint64_t count = 0;
  for (const KeyedHistory& keyed : history.keyed) {
    if (keyed.workload != workload || !keyed.read) continue;
    for (std::size_t i = 0; i < keyed.acked.size(); ++i) {
      const bool gone = is_tombstone(keyed.acked[i]) && keyed.found[i] == 0;
      count += gone && !keyed.doubtful.contains(i) ? 1U : 0U;
    }
  }
  return count;
}

// What retention took, and on compacted topics the cleaner.
void add_deletions(const History& history, const std::string& workload, json& totals) {
  std::uint64_t expired = 0, absent = 0;
  std::set<TopicPartition> compacted;
  for (const StreamHistory& stream : history.streams) {
    if (stream.workload != workload) continue;
    expired += stream.expired.count();
    if (!history.contract.compacts(stream.where.topic)) continue;
    absent += stream.acked.minus(stream.present).count();
    compacted.insert(stream.where);
  }
  totals["expired"] = expired;
  if (compacted.empty()) return;
  std::uint64_t tombstones = 0;  // in the log, and without an identity
  for (const PartitionHistory& partition : history.partitions) {
    if (compacted.contains(partition.where)) tombstones += partition.tombstones;
  }
  totals["compacted_away"] = absent - std::min(absent, tombstones);
  totals["tombstones_gone"] = tombstones_gone(history, workload);
}

// Acked, deleted by retention, and never handed to the group: nobody tells a consumer of these.
std::uint64_t deleted_unread(const History& history, const std::string& workload,
                             const std::string& topic) {
  std::uint64_t count = 0;
  for (const GroupHistory& group : history.groups) {
    if (group.workload != workload) continue;
    for (const StreamHistory& stream : history.streams) {
      if (stream.where.topic != topic) continue;
      const auto delivered = group.delivered.find(stream.stream);
      count += delivered == group.delivered.end() ? stream.expired.count()
                                                  : stream.expired.minus(delivered->second).count();
    }
  }
  return count;
}

std::uint64_t reset_errors(const Lanes& lanes, const WorkloadRun& run) {
  static const std::string name = rd_kafka_err2name(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET);
  std::uint64_t count = 0;
  for (std::size_t lane : run.lanes) {
    for (const auto& [partition, errors] : lanes.lane(lane).report.errors) {
      const auto at = errors.find(name);
      if (at != errors.end()) count += at->second;
    }
  }
  return count;
}

json producer_totals(const TrialOutcome& outcome, const WorkloadRun& run) {
  std::uint64_t intended = 0, unsent = 0, opened = 0, sent = 0, acked = 0, failed = 0;
  for (std::size_t lane : run.lanes) {
    intended += outcome.lanes.lane(lane).report.intended;
    unsent += outcome.lanes.lane(lane).report.unsent;
  }
  for (const StreamHistory& stream : outcome.history.streams) {
    if (stream.workload != run.plan->name) continue;
    opened += stream.opened;
    sent += stream.sent.count();
    acked += stream.acked.count();
    failed += stream.failed.count();
  }
  check(sent + acked + failed <= opened, "no message of the ledger has two outcomes");
  const std::uint64_t unknown = opened - sent - acked - failed;
  check(intended == sent + acked + failed + unknown + unsent,
        "intended = sent + acked + failed + unknown + unsent: " + std::to_string(intended) + " = " +
            std::to_string(sent) + " + " + std::to_string(acked) + " + " + std::to_string(failed) +
            " + " + std::to_string(unknown) + " + " + std::to_string(unsent));
  json out{{"intended", intended}, {"sent", sent},       {"acked", acked},
           {"failed", failed},     {"unknown", unknown}, {"unsent", unsent}};
  add_transactions(outcome.history, run.plan->name, out);
  add_deletions(outcome.history, run.plan->name, out);
  return out;
}

json consumer_totals(const TrialOutcome& outcome, const WorkloadRun& run) {
  std::uint64_t consumed = 0;
  for (std::size_t lane : run.lanes) {
    consumed += outcome.lanes.lane(lane).context.counters->consumed.load(std::memory_order_relaxed);
  }
  const std::string& topic = outcome.lanes.lane(run.lanes.front()).context.topic;
  std::uint64_t present = 0;
  const bool read_committed = run.group->history().read_committed;
  for (const StreamHistory& stream : outcome.history.streams) {
    if (stream.where.topic != topic) continue;
    present += (read_committed ? stream.committed : stream.present).count();
  }
  const std::uint64_t distinct = run.group->distinct();
  json out{{"consumed", consumed},
           {"distinct", distinct},
           {"redelivered", run.group->redelivered()},
           {"undelivered", present - std::min(present, distinct)},
           {"deleted_unread", deleted_unread(outcome.history, run.plan->name, topic)}};
  if (!run.workload->shares()) {  // those have no positions
    out["reset_errors"] = reset_errors(outcome.lanes, run);
    const auto skipped = skipped_readable(outcome.history, topic, run.group->gaps());
    if (skipped) out["skipped_readable"] = *skipped;
  }
  const auto group =
      std::ranges::find(outcome.history.groups, run.plan->name, &GroupHistory::workload);
  if (group == outcome.history.groups.end()) return out;
  out["read_to_end"] = group->read_to_end;
  if (!group->read_to_end) out["unread_reason"] = group->unread_reason;
  nanoseconds longest{0};
  for (const auto& [where, lag] : group->longest_lag) longest = std::max(longest, lag);
  if (distinct > 0) out["longest_lag_ns"] = longest.count();
  return out;
}

void describe_members(const TrialOutcome& outcome, const WorkloadRun& run, json& out) {
  const auto logs = worker_logs(outcome.lanes, run);
  const record::TimeSpan within = measure_span(outcome.lanes);
  std::uint64_t refused = 0, served = 0;
  for (const workers::WorkerLog* log : logs) {
    for (const auto& [error, count] : log->refused_commits) refused += count;
    served += log->handed > 0 ? 1U : 0U;
  }
  out["totals"]["refused_commits"] = refused;
  out["totals"]["members_served"] = served;
  if (run.workload->shares()) {
    out["group"] = record::describe_share_group(logs, within);
    return;
  }
  out["totals"]["revoked"] = record::revoked(logs, within);
  const int partitions = outcome.lanes.lane(run.lanes.front()).context.partitions;
  out["group"] = record::describe_group(logs, partitions, within);
}

}  // namespace

void describe_totals(const TrialOutcome& outcome, const WorkloadRun& run, json& out) {
  if (run.workload->produces()) {
    out["totals"] = producer_totals(outcome, run);
    add_refusals(outcome.history, run.plan->name, out);
  } else {
    out["totals"] = consumer_totals(outcome, run);
  }
  if (run.workload->has_members()) describe_members(outcome, run, out);
}

}  // namespace seatrial::run
