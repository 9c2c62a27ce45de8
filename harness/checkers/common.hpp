// What checkers share: the contract's answer to each family of anomalies, what an absence proves,
// and the gathering of messages into findings. Pure functions of the history; no checker of its
// own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/history.hpp"

namespace seatrial::checkers {

// What the contract says to an anomaly, with the one sentence that explains it.
struct Ruling {
  Allowance allowance = Allowance::neutral;
  std::string why;
};
// Neutral where the contract is not known: undecided() lists that, so it cannot end as a pass.
[[nodiscard]] Ruling rule_loss(const Contract& contract, const std::string& workload,
                               const std::string& topic);
[[nodiscard]] Ruling rule_duplicates(const Contract& contract, const std::string& workload);
// The limit of requests in flight is one connection's, and says nothing across a change of leader.
[[nodiscard]] Ruling rule_order(const History& history, const std::string& workload,
                                const std::string& topic);
// Offsets ascend within a stream if neither order nor loss lets them go down.
[[nodiscard]] Ruling rule_ascent(const History& history, const std::string& workload,
                                 const std::string& topic);
// That a group is handed everything, in order.
[[nodiscard]] Ruling rule_delivery(const History& history, const GroupHistory& group);

// Whether the partition was read completely, and nothing of its beginning had been deleted.
[[nodiscard]] bool read_from_start(const History& history, const TopicPartition& where);

// Why the absence of a stream's messages from what was read does not prove that they were lost;
// empty if it does prove it, save for what expired (StreamHistory::expired, maybe_expired).
enum class Promise { acked, sent };  // of messages sent with acks=0 no offset is known
[[nodiscard]] std::string absence_is_open(const History& history, const StreamHistory& stream,
                                          Promise promise);

// What this history cannot decide. The runner must not call a trial with any of these a pass.
struct Undecided {
  TopicPartition where;
  std::string workload;  // empty: every workload of the partition
  std::string reason;    // a clause: "the partition was not read completely: ..."
  friend bool operator==(const Undecided&, const Undecided&) = default;
};
[[nodiscard]] std::vector<Undecided> undecided(const History& history);

// One finding for each workload and partition in which `pick` yields messages, in order of both;
// the first of them become its examples.
[[nodiscard]] std::vector<Finding> gather(
    const History& history, const std::string& anomaly, const std::string& note,
    const std::function<IntervalSet(const StreamHistory&)>& pick,
    const std::function<Ruling(const StreamHistory&)>& rule);

// One finding for each partition that has such sightings, whoever wrote there.
[[nodiscard]] std::vector<Finding> gather_sightings(const History& history,
                                                    const std::string& anomaly,
                                                    Sightings PartitionHistory::*sightings,
                                                    const Ruling& ruling);

// The same, by workload. Where several write one partition, only the examples can be told apart;
// the rest becomes a finding without workload, neutral unless all of them come under the same rule.
[[nodiscard]] std::vector<Finding> gather_sightings_by_workload(
    const History& history, const std::string& anomaly, Sightings PartitionHistory::*sightings,
    const std::function<Ruling(const std::string& workload, const std::string& topic)>& rule);

// The same of what is told by stream (gathered by workload and partition), or by group (one finding
// each, of the topic as a whole: its partition is -1).
[[nodiscard]] std::vector<Finding> gather_stream_sightings(
    const History& history, const std::string& anomaly, Sightings StreamHistory::*sightings,
    const std::function<Ruling(const StreamHistory&)>& rule);
[[nodiscard]] std::vector<Finding> gather_group_sightings(
    const History& history, const std::string& anomaly, Sightings GroupHistory::*sightings,
    const std::function<Ruling(const GroupHistory&)>& rule);

}  // namespace seatrial::checkers
