// From what was measured to what is recorded.
#include "run/results.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "checkers/common.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "run/generator_record.hpp"
#include "run/group_record.hpp"
#include "run/groups.hpp"
#include "run/judge.hpp"
#include "run/plain_bootstrap.hpp"

namespace seatrial::run {
namespace {

using measure::Histogram;
using measure::Metric;
using nlohmann::json;

constexpr std::pair<Metric, const char*> producer_metrics[] = {
    {Metric::response, "response"}, {Metric::service, "service"}, {Metric::lateness, "lateness"}};
constexpr std::pair<Metric, const char*> consumer_metrics[] = {{Metric::end_to_end, "end_to_end"}};

std::span<const std::pair<Metric, const char*>> metrics_of(const WorkloadRun& run) {
  if (run.workload->produces()) return producer_metrics;
  return consumer_metrics;
}

Histogram merged_total(const Lanes& lanes, const WorkloadRun& run, Metric metric) {
  Histogram all = Histogram::latency();
  for (std::size_t lane : run.lanes) all.add(lanes.lane(lane).recorder->total(metric));
  return all;
}

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

json errors_of(const Lanes& lanes, const WorkloadRun& run) {
  std::map<std::int32_t, std::map<std::string, std::uint64_t>> sums;
  for (std::size_t lane : run.lanes) {
    for (const auto& [partition, errors] : lanes.lane(lane).report.errors) {
      for (const auto& [name, count] : errors) sums[partition][name] += count;
    }
  }
  json out = json::array();
  for (const auto& [partition, errors] : sums) {
    for (const auto& [name, count] : errors) {
      out.push_back({{"partition", partition}, {"error", name}, {"count", count}});
    }
  }
  return out;
}

json latencies(const TrialOutcome& outcome, const WorkloadRun& run) {
  json out = json::object();
  std::uint64_t censored = 0;
  for (std::size_t lane : run.lanes)
    censored += outcome.lanes.lane(lane).recorder->censored_count();
  for (const auto& [metric, name] : metrics_of(run)) {
    const Histogram all = merged_total(outcome.lanes, run, metric);
    out[name] = latency_stats(all, metric == Metric::lateness ? 0 : censored, true);
  }
  return out;
}

// Whole seconds of measure that no fault window touches.
json latencies_outside_faults(const TrialOutcome& outcome, const WorkloadRun& run,
                              std::size_t index, const std::vector<FaultWindow>& windows) {
  const Instant origin = from_ns(outcome.lanes.clock().measure_ns);
  const std::int64_t end = to_ns(from_ns(outcome.lanes.clock().intend_until_ns)) - to_ns(origin);
  const auto outside = [&](std::int64_t second) {
    const std::int64_t in_measure = second - outcome.lanes.clock().waited_s();
    if (in_measure < 0 || in_measure * 1'000'000'000 >= end) return false;
    const Instant from = origin + seconds(in_measure);
    return std::ranges::none_of(
        windows, [&](const FaultWindow& w) { return w.from < from + seconds(1) && from < w.to; });
  };
  const measure::Series& series = outcome.sampler.series(index);
  std::uint64_t acked = 0;  // the other samples are ages
  for (const auto& [second, counts] : series.seconds()) acked += outside(second) ? counts.acked : 0;
  json out = json::object();
  for (const auto& [metric, name] : metrics_of(run)) {
    const Histogram all = series.merged(metric, outside);
    const bool of_answers = metric == Metric::response || metric == Metric::service;
    out[name] =
        latency_stats(all, of_answers ? all.count() - std::min(all.count(), acked) : 0, false);
  }
  return out;
}

std::vector<const MemberLog*> member_logs(const Lanes& lanes, const WorkloadRun& run) {
  std::vector<const MemberLog*> out;
  for (std::size_t lane : run.lanes) {
    if (lanes.lane(lane).member) out.push_back(&lanes.lane(lane).member->log());
  }
  return out;
}

TimeSpan measure_span(const Lanes& lanes) {
  return {lanes.clock().measure_ns, lanes.clock().intend_until_ns};
}

void describe_members(const TrialOutcome& outcome, const WorkloadRun& run, json& out) {
  const auto logs = member_logs(outcome.lanes, run);
  const TimeSpan within = measure_span(outcome.lanes);
  std::uint64_t refused = 0, served = 0;
  for (const MemberLog* log : logs) {
    for (const auto& [error, count] : log->refused_commits) refused += count;
    served += log->handed > 0 ? 1U : 0U;
  }
  out["totals"]["refused_commits"] = refused;
  out["totals"]["members_served"] = served;
  if (run.workload->shares()) {
    out["group"] = describe_share_group(logs, within);
    return;
  }
  out["totals"]["revoked"] = revoked(logs, within);
  const int partitions = outcome.lanes.lane(run.lanes.front()).context.partitions;
  out["group"] = describe_group(logs, partitions, within);
}

// The lane that tells of its client: of members that were killed, there may be no report.
const LaneRun& telling_lane(const Lanes& lanes, const WorkloadRun& run) {
  for (std::size_t lane : run.lanes) {
    if (!lanes.lane(lane).report.client_version.empty()) return lanes.lane(lane);
  }
  return lanes.lane(run.lanes.front());
}

// The mean over the measure phase of what the schedule holds.
double offered_in_measure(const TrialOutcome& outcome, const WorkloadRun& run) {
  const nanoseconds length = outcome.plan.phases.measure;
  const nanoseconds warmup =
      from_ns(outcome.lanes.clock().measure_ns) - from_ns(outcome.lanes.clock().start_ns);
  const double before = run.workload->offered_messages(warmup);
  return (run.workload->offered_messages(warmup + length) - before) / to_seconds(length);
}

json describe_workload(const TrialOutcome& outcome, std::size_t index,
                       const std::vector<FaultWindow>& windows) {
  const WorkloadRun& run = outcome.lanes.workloads()[index];
  const LaneRun& first = telling_lane(outcome.lanes, run);
  json out{
      {"name", run.plan->name},
      {"kind", run.plan->kind},
      {"engine", run.plan->options.has("engine") ? run.plan->options.text("engine") : "librdkafka"},
      {"client", first.report.client_version},
      {"lanes", run.lanes.size()},
      {"effective_config", first.report.effective_config},
      {"errors", errors_of(outcome.lanes, run)},
      {"latency", latencies(outcome, run)}};
  if (!run.plan->client_library.empty()) out["client_library"] = run.plan->client_library;
  if (!windows.empty()) {
    out["latency_outside_faults"] = latencies_outside_faults(outcome, run, index, windows);
  }
  std::vector<std::string> notes;
  std::uint64_t backpressure = 0, throttle = 0;
  for (std::size_t lane : run.lanes) {
    const auto& own = outcome.lanes.lane(lane).report.notes;
    notes.insert(notes.end(), own.begin(), own.end());
    backpressure +=
        outcome.lanes.lane(lane).context.counters->backpressure_ns.load(std::memory_order_relaxed);
    throttle +=
        outcome.lanes.lane(lane).context.counters->throttle_ns.load(std::memory_order_relaxed);
  }
  out["notes"] = notes;
  out["throttle_ns"] = throttle;
  if (const auto limit = generator_limit(outcome.lanes, run)) out["generator_limited"] = *limit;
  if (const auto why = outcome.falls_behind.find(run.plan->name);
      why != outcome.falls_behind.end()) {
    out["falls_behind"] = why->second;
  }
  if (run.workload->produces()) {
    out["totals"] = producer_totals(outcome, run);
    add_refusals(outcome.history, run.plan->name, out);
    out["loop"] = run.workload->offered_rate() > 0 ? "open" : "closed";
    if (run.workload->offered_rate() > 0) out["offered_per_s"] = offered_in_measure(outcome, run);
    out["backpressure_ns"] = backpressure;
  } else {
    out["totals"] = consumer_totals(outcome, run);
  }
  if (run.workload->has_members()) describe_members(outcome, run, out);
  return out;
}

json describe_availability(const TrialOutcome& outcome) {
  const Instant origin = from_ns(outcome.lanes.clock().measure_ns);
  json out = json::array();
  for (const auto& topic : outcome.plan.topics) {
    for (int p = 0; p < topic.partitions; ++p) {
      json row{{"topic", topic.name}, {"partition", p}, {"longest_ns", 0}, {"gaps", json::array()}};
      for (const auto& span : outcome.history.unavailability) {
        if (span.where != TopicPartition{topic.name, p}) continue;
        row["gaps"].push_back(
            {{"from_s", to_seconds(span.from - origin)}, {"to_s", to_seconds(span.to - origin)}});
        row["longest_ns"] =
            std::max(row["longest_ns"].get<std::int64_t>(), (span.to - span.from).count());
      }
      out.push_back(std::move(row));
    }
  }
  return out;
}

// Members are named by the target.
json ids(const std::vector<NodeId>& nodes) {
  json out = json::array();
  for (NodeId node : nodes) {
    if (!is_member(node)) out.push_back(node.value);
  }
  return out;
}

const kafka::PartitionState* find(const kafka::ClusterState& state, const TopicPartition& where) {
  const auto it = std::ranges::find(state.partitions, where, &kafka::PartitionState::where);
  return it == state.partitions.end() ? nullptr : &*it;
}

// The longest time without acks in the fault's window. What begins only after another fault's
// injection is laid at the other's door.
const Unavailability* longest_gap(const TrialOutcome& outcome, const TopicPartition& where,
                                  const FaultOutcome& fault, Instant until) {
  for (const FaultOutcome& other : outcome.timeline.outcomes()) {
    if (other.injected > fault.injected) until = std::min(until, other.injected);
  }
  const Unavailability* gap = nullptr;
  for (const auto& span : outcome.history.unavailability) {
    if (span.where != where || span.to < fault.injected || span.from > until) continue;
    if (gap == nullptr || span.to - span.from > gap->to - gap->from) gap = &span;
  }
  return gap;
}

json partition_evidence(const TrialOutcome& outcome, const FaultOutcome& fault,
                        const kafka::PartitionState& before, Instant until) {
  const Instant origin = from_ns(outcome.lanes.clock().measure_ns);
  json out{{"topic", before.where.topic},
           {"partition", before.where.partition},
           {"leader_before", before.leader.value},
           {"isr_before", ids(before.isr)}};
  if (const auto* after = find(fault.held, before.where)) {
    out["leader_after"] = after->leader.value;
    out["isr_after"] = ids(after->isr);
  }
  const measure::Availability& seen = outcome.lanes.availability();
  const auto where = std::ranges::find(seen.partitions(), before.where);
  if (where == seen.partitions().end() || !fault.acks) return out;
  const auto index = static_cast<std::size_t>(where - seen.partitions().begin());
  const auto acks = seen.around(*fault.acks, index);
  if (acks.last_before != Instant{}) {
    out["last_ack_before_s"] = to_seconds(acks.last_before - origin);
  }
  if (acks.first_after != Instant{}) {
    out["first_ack_after_s"] = to_seconds(acks.first_after - origin);
  }
  const Unavailability* gap = longest_gap(outcome, before.where, fault, until);
  if (gap != nullptr) {
    out["longest_gap"] = {{"from_s", to_seconds(gap->from - origin)},
                          {"to_s", to_seconds(gap->to - origin)}};
  }
  out["errors"] = seen.errors(index, to_ns(fault.injected), to_ns(until));
  return out;
}

json describe_faults(const TrialOutcome& outcome, const std::vector<FaultWindow>& windows) {
  const Instant origin = from_ns(outcome.lanes.clock().measure_ns);
  json out = json::array();
  std::size_t window = 0;
  for (std::size_t i = 0; i < outcome.timeline.outcomes().size(); ++i) {
    const FaultOutcome& fault = outcome.timeline.outcomes()[i];
    json row{{"index", i},
             {"action", fault.plan->action},
             {"target", to_string(fault.plan->target)},
             {"trigger", describe(fault.plan->trigger)},
             {"status", fault.status},
             {"nodes", ids(fault.targets)},
             {"evidence", {{"nodes", json::array()}, {"partitions", json::array()}}}};
    for (const auto& node : fault.evidence.nodes) {
      row["evidence"]["nodes"].push_back(to_json(node, origin));
    }
    if (fault.injected != Instant{}) {
      row["injected_s"] = to_seconds(fault.injected - origin);
      const Instant until = windows[window++].to;
      for (const auto& before : fault.before.partitions) {
        if (fault.plan->target.kind == Target::Kind::member) break;  // no broker was touched
        row["evidence"]["partitions"].push_back(partition_evidence(outcome, fault, before, until));
      }
    }
    if (fault.healed != Instant{}) row["healed_s"] = to_seconds(fault.healed - origin);
    out.push_back(std::move(row));
  }
  return out;
}

json describe_audit(const TrialOutcome& outcome) {
  json out{{"status", outcome.audit.complete ? "complete" : "incomplete"},
           {"reader", kafka::to_string(outcome.audit.reader)},
           {"not_checked", not_checked(outcome.audit.reader)},
           {"duration_ns", outcome.audit.duration.count()},
           {"messages_read", outcome.audit.messages_read},
           {"undecided", json::array()},
           {"totals", audit_totals(outcome.findings)},
           {"partitions", audit_partitions(outcome.history, outcome.findings)}};
  if (!outcome.audit.complete) out["reason"] = outcome.audit.reason;
  if (!outcome.audit.reader_reason.empty()) out["reader_reason"] = outcome.audit.reader_reason;
  std::uint64_t blocks = 0, undecided = 0, expired = 0;
  for (const StreamHistory& stream : outcome.history.streams) {
    blocks += stream.offset_blocks;
    undecided += stream.offset_blocks_undecided;
    expired += stream.expired.count();
  }
  out["offset_blocks"] = {{"compared", blocks}, {"undecided", undecided}};
  out["expired"] = expired;
  for (const auto& open : checkers::undecided(outcome.history)) {
    const bool one = open.where.partition >= 0;
    out["undecided"].push_back((one ? to_string(open.where) : open.where.topic) + ": " +
                               open.reason);
  }
  if (outcome.audit.full_isr_after.count() >= 0) {
    out["full_isr_after_ns"] = outcome.audit.full_isr_after.count();
  }
  return out;
}

// When, at or after `t`, every partition was fully replicated, from the changes that the watch saw.
Instant full_isr_after(const TrialOutcome& outcome, Instant t) {
  std::map<TopicPartition, bool> full;
  Instant last_short{};
  for (const auto& change : outcome.sampler.leadership()) {
    const bool is_full =
        change.state.leader.value >= 0 && change.state.isr.size() >= change.state.replicas.size();
    full[change.state.where] = is_full;
    const bool all = std::ranges::all_of(full, [](const auto& entry) { return entry.second; });
    if (!all) last_short = Instant::max();
    else if (last_short == Instant::max()) last_short = change.at;
    if (all && change.at >= t && last_short >= t) return change.at;
  }
  return last_short == Instant::max() ? now() : t;
}

std::string value_or(const kafka::Properties& properties, const char* name, const char* otherwise) {
  const auto it = properties.find(name);
  return it == properties.end() ? otherwise : it->second;
}

// Of what brokers and clients say of themselves; `otherwise` where they do not, or not as a number.
std::int64_t integer_or(const kafka::Properties& properties, const char* name,
                        std::int64_t otherwise) {
  const auto it = properties.find(name);
  return it == properties.end() ? otherwise : parse_integer(it->second).value_or(otherwise);
}

RetentionContract read_retention(const std::map<std::string, std::string>& topic,
                                 const std::map<std::string, std::string>& brokers) {
  const std::string policy = value_or(topic, "cleanup.policy", "delete");
  const auto number = [&](const char* name) { return integer_or(topic, name, -1); };
  return {.deletes = policy.find("delete") != policy.npos,
          .compacts = policy.find("compact") != policy.npos,
          .retention_ms = number("retention.ms"),
          .retention_bytes = number("retention.bytes"),
          .segment_ms = number("segment.ms"),
          .delete_retention_ms = number("delete.retention.ms"),
          .check_interval_ms = integer_or(brokers, "log.retention.check.interval.ms", 300'000),
          .initial_delay_ms = integer_or(brokers, "log.initial.task.delay.ms", 30'000),
          .replica_lag_time_ms = integer_or(brokers, "replica.lag.time.max.ms", 30'000)};
}

kafka::Properties live_config(const scenario::TopicPlan& topic, Cluster& cluster,
                              const std::stop_token& stop) {
  if (cluster.topic_maker() != nullptr) return topic.config;
  kafka::Admin admin(plain_bootstrap(cluster));
  // A broker that has just died may be the first that is asked; a stop ends the wait at once.
  auto live = admin.describe_topic_config(topic.name, now() + seconds(60), stop);
  if (stop.stop_requested()) throw Interrupted();
  if (!live) {
    throw InfrastructureError("reading the configuration of topic " + topic.name + ": " +
                              live.error().message);
  }
  return std::move(*live);
}

// What a member's end or silence leaves without an owner is part of its fault.
Instant owned_after(const TrialOutcome& outcome, const FaultOutcome& fault, Instant to) {
  for (const NodeId node : fault.targets) {
    const WorkloadRun& run = outcome.lanes.workloads().at(workload_of_member(node));
    const int partitions = outcome.lanes.lane(run.lanes.front()).context.partitions;
    for (const auto& one :
         owners_of(member_logs(outcome.lanes, run), partitions, measure_span(outcome.lanes))) {
      for (const TimeSpan& span : one.unowned) {
        if (from_ns(span.from_ns) <= to && from_ns(span.to_ns) >= fault.injected) {
          to = std::max(to, from_ns(span.to_ns));
        }
      }
    }
  }
  return to;
}

// The end of the first second, from `to` on, in which no load had a backlog; nothing of what goes
// on before it is undisturbed.
Instant backlog_gone_after(const TrialOutcome& outcome, Instant to) {
  const Instant origin = from_ns(outcome.lanes.clock().origin_ns);
  const auto second = std::chrono::floor<seconds>(to - origin).count();
  for (const judge::Load& load : outcome.sampler.work().loads()) {
    if (outcome.falls_behind.contains(load.name)) continue;  // it had one before, too
    const auto gone = judge::backlog_gone(load, second);
    to = std::max(to, gone ? origin + seconds(*gone > second ? *gone + 1 : 0)
                           : from_ns(outcome.lanes.clock().intend_until_ns));
  }
  return to;
}

}  // namespace

std::vector<FaultWindow> fault_windows(const TrialOutcome& outcome) {
  std::vector<FaultWindow> out;
  for (const FaultOutcome& fault : outcome.timeline.outcomes()) {
    if (fault.injected == Instant{}) continue;
    Instant to = full_isr_after(outcome, std::max(fault.injected, fault.healed));
    if (fault.plan->target.kind == Target::Kind::member) to = owned_after(outcome, fault, to);
    for (const auto& span : outcome.history.unavailability) {
      if (span.from <= to && span.to >= fault.injected) to = std::max(to, span.to);
    }
    out.push_back({fault.injected, backlog_gone_after(outcome, to)});
  }
  return out;
}

json describe_outcome(const TrialOutcome& outcome) {
  const auto windows = fault_windows(outcome);
  json workloads = json::array();
  for (std::size_t i = 0; i < outcome.lanes.workloads().size(); ++i) {
    workloads.push_back(describe_workload(outcome, i, windows));
  }
  json findings = json::array();
  for (const Finding& finding : outcome.findings) findings.push_back(to_json(finding));
  json out{{"workloads", std::move(workloads)},
           {"availability", describe_availability(outcome)},
           {"audit", describe_audit(outcome)},
           {"contract", to_json(outcome.history.contract)},
           {"findings", std::move(findings)}};
  if (!outcome.plan.timeline.empty()) out["faults"] = describe_faults(outcome, windows);
  return out;
}

json describe_topics(const scenario::TrialPlan& plan) {
  json out = json::array();
  for (const auto& topic : plan.topics) {
    out.push_back({{"name", topic.name},
                   {"partitions", topic.partitions},
                   {"replication", topic.replication},
                   {"config", topic.config}});
  }
  return out;
}

json describe_nodes(Cluster& cluster) {
  json out = json::array();
  for (const Node& node : cluster.nodes()) {
    static constexpr const char* roles[] = {"broker", "controller", "combined"};
    json row{{"id", node.id.value},
             {"role", roles[static_cast<int>(node.role)]},
             {"address", node.address}};
    if (Processes* processes = cluster.processes()) row["pid"] = processes->state(node.id).host_pid;
    out.push_back(std::move(row));
  }
  return out;
}

Contract read_contract(const scenario::TrialPlan& plan, const Lanes& lanes, Cluster& cluster,
                       const std::stop_token& stop) {
  Contract contract;
  for (const auto& run : lanes.workloads()) {
    if (!run.workload->produces()) continue;
    const auto properties = client_properties(*run.plan, *run.workload);
    contract.workloads[run.plan->name] = {
        .acks = value_or(properties, "acks", "all"),
        .idempotent = value_or(properties, "enable.idempotence", "false") == "true",
        .max_in_flight = static_cast<int>(
            integer_or(properties, "max.in.flight.requests.per.connection", 1'000'000))};
  }
  const auto brokers = cluster.effective_config();
  for (const auto& topic : plan.topics) {
    contract.replication[topic.name] = topic.replication;
    const auto config = live_config(topic, cluster, stop);
    contract.min_insync_replicas[topic.name] =
        static_cast<int>(integer_or(config, "min.insync.replicas", 1));
    contract.unclean_leader_election[topic.name] =
        value_or(config, "unclean.leader.election.enable", "false") == "true";
    contract.retention[topic.name] = read_retention(config, brokers);
  }
  return contract;
}

}  // namespace seatrial::run
