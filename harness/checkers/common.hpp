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
[[nodiscard]] Ruling rule_order(const Contract& contract, const std::string& workload);

// Why a message's absence from what was read of its partition does not prove that it was lost;
// empty if it does prove it.
[[nodiscard]] std::string absence_is_open(const History& history, const TopicPartition& where);

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
    const std::function<Ruling(const std::string& workload)>& rule);

}  // namespace seatrial::checkers
