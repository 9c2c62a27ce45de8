// Counts by anomaly are those of the findings; every registered checker that counts has one.
#include "record/audit_record.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "core/registry.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::record {

using nlohmann::json;

json to_json(const Contract& contract) {
  json out{{"workloads", json::object()}, {"topics", json::object()}};
  for (const auto& [name, w] : contract.workloads) {
    out["workloads"][name] = {
        {"acks", w.acks}, {"idempotent", w.idempotent}, {"max_in_flight", w.max_in_flight}};
  }
  for (const auto& [topic, least] : contract.min_insync_replicas) {
    out["topics"][topic]["min_insync_replicas"] = least;
  }
  for (const auto& [topic, count] : contract.replication)
    out["topics"][topic]["replication"] = count;
  for (const auto& [topic, on] : contract.unclean_leader_election) {
    out["topics"][topic]["unclean_leader_election"] = on;
  }
  for (const auto& topic : contract.deleted_topics) out["topics"][topic]["deleted"] = true;
  for (const auto& [topic, kept] : contract.retention) {
    json& of = out["topics"][topic];
    of["cleanup_policy"] = kept.compacts ? (kept.deletes ? "compact,delete" : "compact") : "delete";
    if (kept.retention_ms >= 0) of["retention_ms"] = kept.retention_ms;
    if (kept.retention_bytes >= 0) of["retention_bytes"] = kept.retention_bytes;
    if (kept.compacts && kept.delete_retention_ms >= 0)
      of["delete_retention_ms"] = kept.delete_retention_ms;
  }
  return out;
}

json to_json(const Finding& finding) {
  json examples = json::array();
  for (const Example& e : finding.examples) {
    examples.push_back({{"stream", e.stream.value},
                        {"seq", e.seq.value},
                        {"partition", e.where.partition},
                        {"offset", e.offset},
                        {"note", e.note}});
  }
  json out{{"anomaly", finding.anomaly},
           {"workload", finding.workload},
           {"topic", finding.where.topic},
           {"count", finding.count},
           {"why", finding.why},
           {"allowance", to_string(finding.allowance)},
           {"examples", std::move(examples)}};
  if (finding.where.partition >= 0) out["partition"] = finding.where.partition;  // else: of all
  return out;
}

json audit_totals(const std::vector<Finding>& findings) {
  json out = json::object();
  for (const std::string& anomaly : Registry<Checker>::instance().names()) {
    const auto* metric = scenario::find_metric(scenario::metric_of_checker(anomaly));
    if (metric == nullptr || metric->kind != MetricKind::count) continue;  // times
    std::uint64_t count = 0;
    for (const Finding& finding : findings) {
      if (finding.anomaly == anomaly) count += finding.count;
    }
    out[scenario::metric_of_checker(anomaly)] = count;
  }
  return out;
}

json audit_partitions(const History& history, const std::vector<Finding>& findings) {
  json out = json::array();
  for (const PartitionHistory& partition : history.partitions) {
    std::uint64_t acked = 0;
    for (const StreamHistory& stream : history.streams) {
      if (stream.where == partition.where) acked += stream.acked.count();
    }
    json row{{"topic", partition.where.topic},
             {"partition", partition.where.partition},
             {"log_start", partition.log_start},
             {"log_end", partition.log_end},
             {"read", partition.messages_read},
             {"complete", partition.complete},
             {"acked", acked}};
    if (!partition.complete) row["reason"] = partition.incomplete_reason;
    if (partition.last_stable_offset >= 0) {
      row["last_stable_offset"] = partition.last_stable_offset;
    }
    if (partition.batches_seen) {
      row["control_batches"] = partition.control_batches;
      row["aborted"] = partition.aborted_messages;
    }
    std::vector<Finding> own;
    std::ranges::copy_if(findings, std::back_inserter(own),
                         [&](const Finding& f) { return f.where == partition.where; });
    const json totals = audit_totals(own);
    for (const char* always : {"acked_lost", "duplicate"}) row[always] = 0;
    for (const auto& [anomaly, count] : totals.items()) {
      if (count > 0) row[anomaly] = count;
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace seatrial::record
