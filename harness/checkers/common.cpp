// The contract's rules in one place, so that checkers of one family cannot disagree.
#include "checkers/common.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "core/counted.hpp"

namespace seatrial::checkers {
namespace {

const std::string not_read = "the partition was not read";
const std::string not_complete = "the partition was not read completely: ";

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

// Why what was promised and not found is neither lost nor fine; empty if it is decided.
std::string why_open(const History& history, const StreamHistory& stream) {
  if (!stream.acked.minus(stream.present).empty()) {
    const std::string open = absence_is_open(history, stream, Promise::acked);
    if (!open.empty()) return open;
  }
  if (stream.sent.minus(stream.present).empty()) return {};
  return absence_is_open(history, stream, Promise::sent);
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

// Where a disk keeps each message before it is acked, no power cut takes one.
bool lost_power_unflushed(const Contract& contract, const std::string& topic) {
  return contract.lost_power.contains(topic) &&
         look_up(contract.flush_messages, topic).value_or(0) != 1;
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
  if (lost_power_unflushed(contract, topic)) {
    return {Allowance::expected,
            "All replicas in sync lost power at once: acks=all waits for replicas and not for "
            "their disks, so what none of them had flushed is gone (flush.messages=1 would wait)."};
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

Ruling rule_order(const History& history, const std::string& workload, const std::string& topic) {
  const auto client = look_up(history.contract.workloads, workload);
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
  for (const PartitionHistory& partition : history.partitions) {
    if (partition.where.topic != topic || partition.leaders_followed == 0) continue;
    return {Allowance::expected,
            "One request is in flight on a connection: what the old leader did not answer is sent "
            "to the new one again, maybe after what was sent there meanwhile."};
  }
  return {Allowance::violation,
          "With one request in flight a later message is only sent once the earlier has settled."};
}

Ruling rule_ascent(const History& history, const std::string& workload, const std::string& topic) {
  const Ruling loss = rule_loss(history.contract, workload, topic);
  if (loss.allowance != Allowance::violation) return loss;
  return rule_order(history, workload, topic);
}

Ruling rule_delivery(const History& history, const GroupHistory& group) {
  if (!group.from_start) {
    return {Allowance::expected,
            "With auto.offset.reset=latest a group that finds no valid offset goes on at the log's "
            "end."};
  }
  if (group.at_most_once) {
    return {Allowance::expected,
            "Offsets are stored before the messages are handled, so a member that dies in between "
            "leaves them undone."};
  }
  if (look_up(history.contract.unclean_leader_election, group.topic).value_or(false)) {
    return {Allowance::expected,
            "With unclean leader election the log may be cut and rewritten below a group's "
            "position."};
  }
  if (lost_power_unflushed(history.contract, group.topic)) {
    return {Allowance::expected,
            "Replicas that lost power at once may have lost the log below a group's position."};
  }
  if (group.share) {
    return {Allowance::violation,
            "A share group is handed every message until a member accepts it, or it was handed "
            "over as often as group.share.delivery.count.limit allows."};
  }
  return {Allowance::violation,
          "A group that commits only what it was handed is promised every message, in the order "
          "of the log."};
}

bool read_from_start(const History& history, const TopicPartition& where) {
  const PartitionHistory* partition = find_partition(history, where);
  return partition != nullptr && partition->complete && partition->log_start == 0;
}

std::string absence_is_open(const History& history, const StreamHistory& stream, Promise promise) {
  const PartitionHistory* partition = find_partition(history, stream.where);
  if (partition == nullptr) return not_read;
  if (!partition->complete) return not_complete + partition->incomplete_reason;
  if (partition->log_start > 0 && (promise == Promise::sent || !stream.offsets_known)) {
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
    add({partition.where, "", not_complete + partition.incomplete_reason});
  }
  for (const StreamHistory& stream : history.streams) {
    if (stream.opened == 0) continue;
    const PartitionHistory* partition = find_partition(history, stream.where);
    if (partition == nullptr) {
      add({stream.where, "", not_read});
    } else if (partition->complete && !history.contract.compacts(stream.where.topic)) {
      const std::string open = why_open(history, stream);
      if (!open.empty()) add({stream.where, stream.workload, open});
    }
    if (stream.outcomes_dropped > 0) {
      add({stream.where, stream.workload,
           counted(stream.outcomes_dropped, "outcome") + " of stream " +
               std::to_string(stream.stream.value) + " not recorded for want of room: unknown"});
    }
    const std::string contract = missing_contract(history.contract, stream);
    if (!contract.empty()) add({stream.where, stream.workload, contract});
  }
  for (auto& item : undecided_transactions(history)) add(std::move(item));
  for (const GroupHistory& group : history.groups) {
    if (group.gaps_dropped == 0) continue;
    add({{group.topic, -1},
         group.workload,
         counted(group.gaps_dropped, "gap") + " in what group '" + group.group +
             "' was handed, neither recorded for want of room nor looked into"});
  }
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
    findings.push_back(
        {anomaly, "", partition.where, seen.count, ruling.allowance, ruling.why, seen.examples});
  }
  return findings;
}

std::vector<Finding> gather_sightings_by_workload(
    const History& history, const std::string& anomaly, Sightings PartitionHistory::*sightings,
    const std::function<Ruling(const std::string& workload, const std::string& topic)>& rule_of) {
  std::vector<Finding> findings;
  for (const PartitionHistory& partition : history.partitions) {
    const Sightings& seen = partition.*sightings;
    if (seen.count == 0) continue;
    const auto rule = [&](const std::string& workload) {
      return rule_of(workload, partition.where.topic);
    };
    const std::set<std::string> writers = writers_of(history, partition.where);
    if (writers.size() == 1) {
      const Ruling ruling = rule(*writers.begin());
      findings.push_back({anomaly, *writers.begin(), partition.where, seen.count, ruling.allowance,
                          ruling.why, seen.examples});
      continue;
    }
    std::map<std::string, std::vector<Example>> distinguished;
    for (const Example& e : seen.examples)
      distinguished[workload_of(history, e.stream)].push_back(e);
    for (auto& [workload, examples] : distinguished) {
      const Ruling ruling = rule(workload);
      findings.push_back({anomaly, workload, partition.where, examples.size(), ruling.allowance,
                          ruling.why, std::move(examples)});
    }
    const std::uint64_t rest = seen.count - seen.examples.size();
    if (rest == 0) continue;
    std::set<Allowance> allowances;
    for (const std::string& workload : writers) allowances.insert(rule(workload).allowance);
    findings.push_back({anomaly,
                        "",
                        partition.where,
                        rest,
                        allowances.size() == 1 ? *allowances.begin() : Allowance::neutral,
                        "Several workloads write this partition, and beyond the first examples "
                        "their messages are not told apart.",
                        {}});
  }
  return findings;
}

std::vector<Finding> gather_stream_sightings(
    const History& history, const std::string& anomaly, Sightings StreamHistory::*sightings,
    const std::function<Ruling(const StreamHistory&)>& rule) {
  std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
  for (const StreamHistory& stream : history.streams) {
    const Sightings& seen = stream.*sightings;
    if (seen.count == 0) continue;
    const auto [at, added] = by_place.try_emplace({stream.workload, stream.where});
    Finding& finding = at->second;
    if (added) {
      const Ruling ruling = rule(stream);
      finding = {anomaly, stream.workload, stream.where, 0, ruling.allowance, ruling.why, {}};
    }
    finding.count += seen.count;
    for (const Example& example : seen.examples) {
      if (finding.examples.size() < max_examples) finding.examples.push_back(example);
    }
  }
  std::vector<Finding> findings;
  for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
  return findings;
}

std::vector<Finding> gather_group_sightings(
    const History& history, const std::string& anomaly, Sightings GroupHistory::*sightings,
    const std::function<Ruling(const GroupHistory&)>& rule) {
  std::vector<Finding> findings;
  for (const GroupHistory& group : history.groups) {
    const Sightings& seen = group.*sightings;
    if (seen.count == 0) continue;
    const Ruling ruling = rule(group);
    findings.push_back({anomaly,
                        group.workload,
                        {group.topic, -1},
                        seen.count,
                        ruling.allowance,
                        ruling.why,
                        seen.examples});
  }
  return findings;
}

}  // namespace seatrial::checkers
