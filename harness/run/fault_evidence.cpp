// From the watch's changes, the acks and the members' owners to windows; from both to the record.
#include "run/fault_evidence.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "judge/steady.hpp"
#include "record/group_record.hpp"
#include "run/group_lanes.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

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

// What a member's end or silence leaves without an owner is part of its fault.
Instant owned_after(const TrialOutcome& outcome, const FaultOutcome& fault, Instant to) {
  for (const NodeId node : fault.targets) {
    const WorkloadRun& run = outcome.lanes.workloads().at(workload_of_member(node));
    const int partitions = outcome.lanes.lane(run.lanes.front()).context.partitions;
    for (const auto& one : record::owners_of(worker_logs(outcome.lanes, run), partitions,
                                             measure_span(outcome.lanes))) {
      for (const record::TimeSpan& span : one.unowned) {
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

json describe_faults(const TrialOutcome& outcome, const std::vector<FaultWindow>& windows) {
  const Instant origin = from_ns(outcome.lanes.clock().measure_ns);
  json out = json::array();
  std::size_t window = 0;
  for (std::size_t i = 0; i < outcome.timeline.outcomes().size(); ++i) {
    const FaultOutcome& fault = outcome.timeline.outcomes()[i];
    json row{{"index", i},
             {"action", fault.plan->action},
             {"effect", to_string(fault.effect)},
             {"target", to_string(fault.plan->target)},
             {"trigger", describe(fault.plan->trigger)},
             {"status", fault.status},
             {"nodes", ids(fault.targets)},
             {"evidence", to_json(fault.evidence, origin)}};
    row.update(trigger_evidence(fault, origin));
    if (!fault.plan->name.empty()) row["name"] = fault.plan->name;
    if (!fault.error.empty()) row["error"] = fault.error;
    row["evidence"]["partitions"] = json::array();
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

}  // namespace seatrial::run
