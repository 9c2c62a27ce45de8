// The contract's rules in one place, so that checkers of one family cannot disagree.
#include "checkers/common.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace seatrial::checkers {
namespace {

template <class Value>
std::optional<Value> look_up(const std::map<std::string, Value>& in, const std::string& key) {
  const auto at = in.find(key);
  return at == in.end() ? std::nullopt : std::optional<Value>(at->second);
}

const PartitionHistory* find_partition(const History& history, const TopicPartition& where) {
  const auto at = std::ranges::find(history.partitions, where, &PartitionHistory::where);
  return at == history.partitions.end() ? nullptr : &*at;
}

Ruling no_contract(const std::string& of) {
  return {Allowance::neutral, "The settings in force for " + of + " are not known."};
}

bool promised_anything_absent(const StreamHistory& stream) {
  return !stream.acked.minus(stream.present).empty() || !stream.sent.minus(stream.present).empty();
}

// Part of the contract that a ruling on this stream's messages needs and does not have.
std::string missing_contract(const Contract& contract, const StreamHistory& stream) {
  const auto client = look_up(contract.workloads, stream.workload);
  if (!client) return "the client settings in force for '" + stream.workload + "' are not known";
  if (rule_loss(contract, stream.workload, stream.where.topic).allowance == Allowance::neutral) {
    return "the topic settings in force for '" + stream.where.topic + "', or acks='" +
           client->acks + "', are not known";
  }
  return {};
}

void add_examples(Finding& to, const StreamHistory& stream, const IntervalSet& messages,
                  const std::string& note) {
  for (const auto& interval : messages.intervals()) {
    for (std::uint64_t seq = interval.begin; seq < interval.end; ++seq) {
      if (to.examples.size() >= max_examples) return;
      to.examples.push_back({stream.stream, Seq{seq}, stream.where, -1, note});
    }
  }
}

std::set<std::string> writers_of(const History& history, const TopicPartition& where) {
  std::set<std::string> writers;
  for (const StreamHistory& stream : history.streams) {
    if (stream.where == where && stream.opened > 0) writers.insert(stream.workload);
  }
  return writers;
}

std::string workload_of(const History& history, StreamId stream) {
  const auto at = std::ranges::find(history.streams, stream, &StreamHistory::stream);
  return at == history.streams.end() ? std::string() : at->workload;
}

// Of transactions only the log's batches tell what came of them, of a transform's end only the
// group's coordinator.
std::vector<Undecided> undecided_transactions(const History& history) {
  std::vector<Undecided> out;
  std::set<std::string> transactional;
  for (const TransactionHistory& t : history.transactions) transactional.insert(t.workload);
  for (const StreamHistory& stream : history.streams) {
    if (!transactional.contains(stream.workload) || stream.opened == 0) continue;
    const PartitionHistory* partition = find_partition(history, stream.where);
    if (partition == nullptr || !partition->complete || partition->batches_seen) continue;
    out.push_back({stream.where, stream.workload,
                   "its record batches were not seen, which tell what transactions committed"});
  }
  for (const TransformHistory& transform : history.transforms) {
    if (transform.offsets_known) continue;
    out.push_back({{transform.input, 0}, transform.workload, transform.offsets_unknown_reason});
  }
  for (const KeyedHistory& keyed : history.keyed) {
    if (!keyed.read) out.push_back({{keyed.topic, 0}, keyed.workload, "its keys were not read"});
  }
  return out;
}

}  // namespace

Ruling rule_loss(const Contract& contract, const std::string& workload, const std::string& topic) {
  const auto client = look_up(contract.workloads, workload);
  if (!client) return no_contract("workload '" + workload + "'");
  if (client->acks == "0") {
    return {Allowance::expected, "acks=0 asks for no answer, so nothing was promised."};
  }
  if (client->acks == "1") {
    return {Allowance::expected,
            "acks=1 is answered by the leader alone: what no follower has copied dies with it."};
  }
  const auto replication = look_up(contract.replication, topic);
  const auto min_isr = look_up(contract.min_insync_replicas, topic);
  const auto unclean = look_up(contract.unclean_leader_election, topic);
  const bool all = client->acks == "all" || client->acks == "-1";
  if (!all || !replication || !min_isr || !unclean) return no_contract("topic '" + topic + "'");
  if (*replication < 2) {
    return {Allowance::expected, "With replication 1 the only copy is the leader's."};
  }
  if (*min_isr < 2) {
    return {Allowance::expected,
            "With min.insync.replicas=1 a leader without followers satisfies acks=all by itself."};
  }
  if (*unclean) {
    return {Allowance::expected,
            "With unclean leader election a replica that lacks acked messages may become leader."};
  }
  return {Allowance::violation, "acks=all with min.insync.replicas=" + std::to_string(*min_isr) +
                                    " promises that an acked message is on at least " +
                                    std::to_string(*min_isr) + " replicas."};
}

Ruling rule_duplicates(const Contract& contract, const std::string& workload) {
  const auto client = look_up(contract.workloads, workload);
  if (!client) return no_contract("workload '" + workload + "'");
  if (client->idempotent) {
    return {Allowance::violation,
            "enable.idempotence=true promises that a retry is appended only once."};
  }
  return {Allowance::expected,
          "Without enable.idempotence a retry whose first answer was lost is appended again."};
}

Ruling rule_order(const Contract& contract, const std::string& workload) {
  const auto client = look_up(contract.workloads, workload);
  if (!client) return no_contract("workload '" + workload + "'");
  if (client->idempotent) {
    return {Allowance::violation,
            "enable.idempotence=true promises the order of sending within a partition."};
  }
  if (client->max_in_flight > 1) {
    return {Allowance::expected,
            "With several requests in flight and no idempotence a retry may come after a request "
            "that was sent later."};
  }
  return {Allowance::violation,
          "With one request in flight a later message is only sent once the earlier has settled."};
}

std::string absence_is_open(const History& history, const TopicPartition& where) {
  const PartitionHistory* partition = find_partition(history, where);
  if (partition == nullptr) return "the partition was not read";
  if (!partition->complete) {
    return "the partition was not read completely: " + partition->incomplete_reason;
  }
  if (partition->log_start > 0) {
    return "the log begins at offset " + std::to_string(partition->log_start) +
           ", so what is absent may have been deleted by retention";
  }
  return {};
}

std::vector<Undecided> undecided(const History& history) {
  std::vector<Undecided> out;
  const auto add = [&out](Undecided item) {
    if (std::ranges::find(out, item) == out.end()) out.push_back(std::move(item));
  };
  for (const PartitionHistory& partition : history.partitions) {
    if (partition.complete) continue;
    add({partition.where, "", absence_is_open(history, partition.where)});
  }
  for (const StreamHistory& stream : history.streams) {
    if (stream.opened == 0) continue;
    const PartitionHistory* partition = find_partition(history, stream.where);
    if (partition == nullptr) {
      add({stream.where, "", absence_is_open(history, stream.where)});
    } else if (partition->complete && promised_anything_absent(stream) &&
               !history.contract.compacts(stream.where.topic)) {
      const std::string open = absence_is_open(history, stream.where);
      if (!open.empty()) add({stream.where, stream.workload, open});
    }
    if (stream.outcomes_dropped > 0) {
      add({stream.where, stream.workload,
           std::to_string(stream.outcomes_dropped) +
               " outcomes of stream " + std::to_string(stream.stream.value) +
               " were not recorded for want of room, and count as unknown"});
    }
    const std::string contract = missing_contract(history.contract, stream);
    if (!contract.empty()) add({stream.where, stream.workload, contract});
  }
  for (auto& item : undecided_transactions(history)) add(std::move(item));
  return out;
}

std::vector<Finding> gather(const History& history, const std::string& anomaly,
                            const std::string& note,
                            const std::function<IntervalSet(const StreamHistory&)>& pick,
                            const std::function<Ruling(const StreamHistory&)>& rule) {
  std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
  for (const StreamHistory& stream : history.streams) {
    const IntervalSet messages = pick(stream);
    if (messages.empty()) continue;
    const auto [at, added] = by_place.try_emplace({stream.workload, stream.where});
    Finding& finding = at->second;
    if (added) {
      const Ruling ruling = rule(stream);
      finding.anomaly = anomaly;
      finding.workload = stream.workload;
      finding.where = stream.where;
      finding.allowance = ruling.allowance;
      finding.why = ruling.why;
    }
    finding.count += messages.count();
    add_examples(finding, stream, messages, note);
  }
  std::vector<Finding> findings;
  for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
  return findings;
}

std::vector<Finding> gather_sightings(const History& history, const std::string& anomaly,
                                      Sightings PartitionHistory::*sightings,
                                      const Ruling& ruling) {
  std::vector<Finding> findings;
  for (const PartitionHistory& partition : history.partitions) {
    const Sightings& seen = partition.*sightings;
    if (seen.count == 0) continue;
    findings.push_back({anomaly, "", partition.where, seen.count, ruling.allowance, ruling.why,
                        seen.examples});
  }
  return findings;
}

std::vector<Finding> gather_sightings_by_workload(
    const History& history, const std::string& anomaly, Sightings PartitionHistory::*sightings,
    const std::function<Ruling(const std::string& workload)>& rule) {
  std::vector<Finding> findings;
  for (const PartitionHistory& partition : history.partitions) {
    const Sightings& seen = partition.*sightings;
    if (seen.count == 0) continue;
    const std::set<std::string> writers = writers_of(history, partition.where);
    if (writers.size() == 1) {
      const Ruling ruling = rule(*writers.begin());
      findings.push_back({anomaly, *writers.begin(), partition.where, seen.count, ruling.allowance,
                          ruling.why, seen.examples});
      continue;
    }
    std::map<std::string, std::vector<Example>> told_apart;
    for (const Example& e : seen.examples) told_apart[workload_of(history, e.stream)].push_back(e);
    for (auto& [workload, examples] : told_apart) {
      const Ruling ruling = rule(workload);
      findings.push_back({anomaly, workload, partition.where, examples.size(), ruling.allowance,
                          ruling.why, std::move(examples)});
    }
    const std::uint64_t rest = seen.count - seen.examples.size();
    if (rest == 0) continue;
    std::set<Allowance> allowances;
    for (const std::string& workload : writers) allowances.insert(rule(workload).allowance);
    findings.push_back({anomaly, "", partition.where, rest,
                        allowances.size() == 1 ? *allowances.begin() : Allowance::neutral,
                        "Several workloads write this partition, and beyond the first examples "
                        "their messages are not told apart.", {}});
  }
  return findings;
}

}  // namespace seatrial::checkers
