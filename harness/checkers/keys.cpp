// The rules of a key, and the gathering.
#include "checkers/keys.hpp"

#include <map>
#include <utility>

namespace seatrial::checkers {
namespace {

// Loss is one way for a key to fall back, a retry that comes too late another.
Ruling rule_keys(const History& history, const std::string& workload, const std::string& topic) {
  Ruling loss = rule_loss(history.contract, workload, topic);
  if (loss.allowance != Allowance::violation) return loss;
  Ruling order = rule_order(history, workload, topic);
  if (order.allowance != Allowance::violation) return order;
  return {Allowance::violation,
          "Compaction keeps at least the last record of each key. " + loss.why};
}

std::string text_of(KeyState state) {
  if (state == 0) return "nothing";
  if (version_of(state) == 0) return "a tombstone";
  return (is_tombstone(state) ? "a tombstone as version " : "version ") +
         std::to_string(version_of(state));
}

}  // namespace

KeyVerdict judge_key(KeyState acked, KeyState found, const KeyedHistory::Doubt* doubt) {
  if (acked == 0) return KeyVerdict::fine;  // nothing was promised
  const std::uint64_t promised = version_of(acked);
  const bool found_value = found != 0 && !is_tombstone(found);
  if (is_tombstone(acked)) {
    // Gone or still marked as deleted: both are as they should be.
    if (!found_value || version_of(found) > promised) return KeyVerdict::fine;
    return KeyVerdict::resurrected;
  }
  if (found_value) return version_of(found) >= promised ? KeyVerdict::fine : KeyVerdict::lost;
  const bool deleted_later = doubt != nullptr && doubt->tombstone && doubt->version > promised;
  return deleted_later ? KeyVerdict::fine : KeyVerdict::lost;
}

std::vector<Finding> gather_keys(const History& history, const std::string& anomaly,
                                 const std::function<bool(const KeyOf&)>& picks) {
  std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
  for (const KeyedHistory& keyed : history.keyed) {
    if (!keyed.read) continue;
    std::map<std::int32_t, bool> decided;
    for (std::size_t i = 0; i < keyed.acked.size(); ++i) {
      const TopicPartition where{keyed.topic, keyed.partition[i]};
      const auto [known, added] = decided.try_emplace(where.partition, false);
      if (added) known->second = read_from_start(history, where);
      if (!known->second) continue;
      const auto doubt = keyed.doubtful.find(i);
      const auto* in_doubt = doubt == keyed.doubtful.end() ? nullptr : &doubt->second;
      if (!picks({keyed, i, in_doubt})) continue;
      Finding& finding = by_place[{keyed.workload, where}];
      if (finding.count++ == 0) {
        const Ruling ruling = rule_keys(history, keyed.workload, keyed.topic);
        finding.anomaly = anomaly;
        finding.workload = keyed.workload;
        finding.where = where;
        finding.allowance = ruling.allowance;
        finding.why = ruling.why;
      }
      if (finding.examples.size() >= max_examples) continue;
      const std::uint64_t key = keyed.first_key + i * keyed.key_step;
      finding.examples.push_back({StreamId{}, Seq{}, where, -1,
                                  "key " + std::to_string(key) + ": acked " +
                                      text_of(keyed.acked[i]) + ", the log's last is " +
                                      text_of(keyed.found[i])});
    }
  }
  std::vector<Finding> findings;
  for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
  return findings;
}

std::vector<Finding> gather_keys(const History& history, const std::string& anomaly,
                                 KeyVerdict verdict) {
  return gather_keys(history, anomaly, [verdict](const KeyOf& key) {
    return judge_key(key.lane.acked[key.index], key.lane.found[key.index], key.doubt) == verdict;
  });
}

}  // namespace seatrial::checkers
