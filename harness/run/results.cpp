// From what was measured to what is recorded.
#include "run/results.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "checkers/common.hpp"
#include "core/units.hpp"
#include "record/audit_record.hpp"
#include "record/latency_record.hpp"
#include "run/fault_evidence.hpp"
#include "run/generator.hpp"
#include "run/totals.hpp"
#include "scenario/expectation.hpp"
#include "scenario/needs.hpp"

namespace seatrial::run {
namespace {

using measure::Histogram;
using measure::Metric;
using nlohmann::json;

constexpr std::pair<Metric, const char*> producer_metrics[] = {
    {Metric::response, "response"}, {Metric::service, "service"}, {Metric::lateness, "lateness"}};
constexpr std::pair<Metric, const char*> consumer_metrics[] = {{Metric::end_to_end, "end_to_end"}};

std::span<const std::pair<Metric, const char*>> metrics_of(const WorkloadRun& run) {
  if (run.workload->traits().produces) return producer_metrics;
  return consumer_metrics;
}

Histogram merged_total(const Lanes& lanes, const WorkloadRun& run, Metric metric) {
  Histogram all = Histogram::latency();
  for (std::size_t lane : run.lanes) all.add(lanes.lane(lane).recorder->total(metric));
  return all;
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
    out[name] = record::latency_stats(all, metric == Metric::lateness ? 0 : censored, true);
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
  json out = json::object();
  for (const auto& [metric, name] : metrics_of(run)) {
    const auto chosen = outcome.sampler.series().chosen(index, metric, outside);
    if (!chosen) continue;  // absent: unknown
    const std::uint64_t all = chosen->histogram.count();
    const bool of_answers = metric == Metric::response || metric == Metric::service;
    const std::uint64_t ages = of_answers ? all - std::min(all, chosen->acked) : 0;
    out[name] = record::latency_stats(chosen->histogram, ages, false);
  }
  return out;
}

// The lane that tells of its client: of members that were killed, there may be no report.
const LaneRun& reporting_lane(const Lanes& lanes, const WorkloadRun& run) {
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
  const LaneRun& first = reporting_lane(outcome.lanes, run);
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
  describe_totals(outcome, run, out);
  if (const auto wake = wake_ns(outcome.lanes, run); wake > 0) out["wake_ns"] = wake;
  if (run.workload->traits().produces) {
    out["loop"] = run.workload->offered_rate() > 0 ? "open" : "closed";
    if (run.workload->offered_rate() > 0) out["offered_per_s"] = offered_in_measure(outcome, run);
    out["backpressure_ns"] = backpressure;
    if (const auto bytes = scenario::mean_message_bytes(run.plan->options))
      out["message_bytes"] = *bytes;
  }
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

json describe_audit(const TrialOutcome& outcome) {
  json out{{"status", outcome.audit.complete ? "complete" : "incomplete"},
           {"reader", kafka::to_string(outcome.audit.reader)},
           {"not_checked", not_checked(outcome.audit.reader)},
           {"duration_ns", outcome.audit.duration.count()},
           {"messages_read", outcome.audit.messages_read},
           {"undecided", json::array()},
           {"totals", record::audit_totals(outcome.findings)},
           {"partitions", record::audit_partitions(outcome.history, outcome.findings)}};
  for (const auto& [checker, why] : outcome.failed_checkers) {
    out["failed_checkers"][checker] = why;
    out["totals"].erase(scenario::metric_of_checker(checker));
  }
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

}  // namespace

json describe_outcome(const TrialOutcome& outcome) {
  const auto windows = fault_windows(outcome);
  json workloads = json::array();
  for (std::size_t i = 0; i < outcome.lanes.workloads().size(); ++i) {
    workloads.push_back(describe_workload(outcome, i, windows));
  }
  json findings = json::array();
  for (const Finding& finding : outcome.findings) findings.push_back(record::to_json(finding));
  json out{{"workloads", std::move(workloads)},
           {"availability", describe_availability(outcome)},
           {"audit", describe_audit(outcome)},
           {"contract", record::to_json(outcome.history.contract)},
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
    Processes* processes = cluster.processes();
    const int pid = processes == nullptr ? 0 : processes->state(node.id).host_pid;
    if (pid != 0) row["pid"] = pid;
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace seatrial::run
