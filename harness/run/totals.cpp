// Sums over lanes, streams and members.
#include "run/totals.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "client/fact.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "record/group_record.hpp"
#include "run/group_lanes.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// By the client's names of the errors; absent where no commit was refused.
void add_refusals(const History& history, const std::string& workload, json& row) {
  std::map<std::string, std::uint64_t> refusals;
  for (const TransactionHistory& t : history.transactions) {
    if (t.workload == workload && !t.refusal.empty()) ++refusals[t.refusal];
  }
  if (!refusals.empty()) row["commit_refusals"] = refusals;
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
  return {{"intended", intended}, {"sent", sent},       {"acked", acked},
          {"failed", failed},     {"unknown", unknown}, {"unsent", unsent}};
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
           {"undelivered", present - std::min(present, distinct)}};
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

json describe_members(const TrialOutcome& outcome, const WorkloadRun& run) {
  const auto logs = worker_logs(outcome.lanes, run);
  const record::TimeSpan within = measure_span(outcome.lanes);
  if (run.workload->traits().shares) return record::describe_share_group(logs, within);
  const int partitions = outcome.lanes.lane(run.lanes.front()).context.partitions;
  return record::describe_group(logs, partitions, within);
}

MembersSum sum_of_members(const TrialOutcome& outcome, const WorkloadRun& run) {
  const auto logs = worker_logs(outcome.lanes, run);
  MembersSum out{.revoked = record::revoked(logs, measure_span(outcome.lanes))};
  for (const workers::WorkerLog* log : logs) {
    for (const auto& [error, count] : log->refused_commits) out.refused_commits += count;
    out.served += log->handed > 0 ? 1U : 0U;
  }
  return out;
}

void add_facts(const TrialOutcome& outcome, const WorkloadRun& run, json& totals) {
  FactSource source{.history = outcome.history,
                    .workload = run.plan->name,
                    .kind = run.plan->kind,
                    .topic = outcome.lanes.lane(run.lanes.front()).context.topic,
                    .traits = run.workload->traits(),
                    .group = run.group.get()};
  for (std::size_t lane : run.lanes) {
    const LaneReport& report = outcome.lanes.lane(lane).report;
    source.reports.push_back(&report);
    for (const auto& [name, count] : report.counts) source.counts[name] += count;
  }
  if (source.traits.has_members) source.members = sum_of_members(outcome, run);
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    const auto count = plugin.make(Options{})->count(source);
    if (!count) continue;
    check(!totals.contains(name), "a fact has a name that no total has: " + name);
    totals[name] = *count;
  }
}

}  // namespace

void describe_totals(const TrialOutcome& outcome, const WorkloadRun& run, json& out) {
  if (run.workload->traits().produces) {
    out["totals"] = producer_totals(outcome, run);
    add_refusals(outcome.history, run.plan->name, out);
  } else {
    out["totals"] = consumer_totals(outcome, run);
  }
  add_facts(outcome, run, out["totals"]);
  if (run.workload->traits().has_members) out["group"] = describe_members(outcome, run);
}

}  // namespace seatrial::run
