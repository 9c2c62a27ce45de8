// The words that Kafka's own loggers use. Read from brokers 3.9 and 4.x; a line counts for the
// first kind that it matches.
#include "judge/broker_logs.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string_view>

namespace seatrial::judge {
namespace {

enum Kind {
  out_of_memory,
  log_dir_failed,
  corruption,
  unclean_election,
  last_leader_elected,
  unclean_recovery,
  fatal
};

struct Sign {
  Kind kind;
  std::string_view words;
};

// Not listed: rebuilding an index, which holds nothing that the log does not, and the recovery of
// no logs at all, which is every first start.
constexpr std::array signs{
    Sign{out_of_memory, "java.lang.OutOfMemoryError"},
    Sign{log_dir_failed, "Stopping serving logs in dir"},
    Sign{log_dir_failed, "Stopping serving replicas in dir"},
    Sign{log_dir_failed, "because all log dirs in"},
    Sign{log_dir_failed, "because the metadata log dir"},
    Sign{log_dir_failed, "none of the specified log dirs"},
    Sign{corruption, "CorruptRecordException"},
    Sign{corruption, "Record is corrupt"},
    Sign{corruption, "Found invalid messages in log segment"},
    Sign{corruption, "CorruptSnapshotException"},
    Sign{unclean_election, "UNCLEAN partition change"},
    Sign{unclean_recovery, "since no clean shutdown file was found"},
    Sign{fatal, "Encountered fatal fault"},
    Sign{fatal, "] FATAL "},
};

// The text between `before` and the next of `ends`; empty if there is none.
std::string_view between(std::string_view line, std::string_view before, std::string_view ends) {
  const auto at = line.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + before.size());
  return rest.substr(0, std::min(rest.find_first_of(ends), rest.size()));
}

bool lists(std::string_view ids, std::string_view id) {
  for (const auto one : std::views::split(ids, std::string_view(", ")))
    if (std::string_view(one.begin(), one.end()) == id) return true;
  return false;
}

// While a partition's new leader recovers, the controller calls every change of it unclean, also
// those that elect nobody, or a replica that was in sync or eligible (KIP-966):
// "... isr: [] -> [1], leader: -1 -> 1, leaderEpoch: 2 -> 3, elr: [1] -> [], lastKnownElr: [1] ->
// []". What did not change is not in the line.
std::optional<Kind> election_of(std::string_view line) {
  if (line.find(" with topic ID ") == std::string_view::npos) return unclean_election;
  const std::string_view change = between(line, " leader: ", ",");
  const auto arrow = change.find(" -> ");
  if (arrow == std::string_view::npos) return std::nullopt;
  const std::string_view leader = change.substr(arrow + 4);
  const bool in_sync = line.find(" isr: [") == std::string_view::npos ||
                       lists(between(line, " isr: [", "]"), leader);
  if (leader == "-1" || in_sync || lists(between(line, " elr: [", "]"), leader))
    return std::nullopt;
  // The one that led last was elected again, and was away in between.
  const bool again = between(line, "lastKnownElr: [", "]") == leader;
  return again ? last_leader_elected : unclean_election;
}

std::optional<Kind> kind_of(std::string_view line) {
  for (const Sign& sign : signs) {
    if (line.find(sign.words) == std::string_view::npos) continue;
    if (sign.kind == unclean_recovery && line.find("Recovering 0 logs") != std::string_view::npos)
      return std::nullopt;
    return sign.kind == unclean_election ? election_of(line) : sign.kind;
  }
  return std::nullopt;
}

struct Ruled {
  Allowance allowance;
  std::string why;
};

Ruled rule(Kind kind, std::string_view line, const std::string& file, const BrokerLogRules& rules) {
  const std::string& name = broker_log_kinds()[kind].name;
  for (const std::string& allowed : rules.allowed) {
    if (allowed == name || line.find(allowed) != std::string_view::npos)
      return {Allowance::expected, "the scenario allows '" + allowed + "'"};
  }
  if (kind == unclean_recovery && rules.ended_files.contains(file))
    return {Allowance::expected, "a fault ended this node, which then had its logs to recover"};
  if (kind == corruption && rules.dark_files.contains(file))
    return {Allowance::expected, "power was lost, and what had not been flushed is cut off"};
  if (rules.failed_disk_files.contains(file)) {
    if (kind == log_dir_failed || kind == fatal)
      return {Allowance::expected, "a fault had this node's disk fail"};
    if (kind == corruption)
      return {Allowance::expected, "a fault had this node's disk fail in the middle of a write"};
  }
  if (kind == unclean_election && rules.unclean_election_allowed)
    return {Allowance::expected, "a topic allows unclean leader election"};
  // Its log ends where the partition's did, unless its disk lost something, and that the audit
  // sees.
  const bool harmless = kind == last_leader_elected;
  return {harmless ? Allowance::neutral : Allowance::violation, broker_log_kinds()[kind].help};
}

constexpr std::size_t kept_text = 300;

}  // namespace

const std::vector<BrokerLogKind>& broker_log_kinds() {
  static const std::vector<BrokerLogKind> kinds{
      {"out-of-memory", "a JVM had no memory left"},
      {"log-dir-failed", "a broker gave up a folder of its data"},
      {"corruption", "a broker met damaged data"},
      {"unclean-election", "a replica outside the ISR was made leader"},
      {"last-leader-elected",
       "no replica was in sync any more, so the last leader was elected again"},
      {"unclean-recovery", "a node came up after an end that was not clean"},
      {"fatal", "a node met an error that it calls fatal"},
  };
  return kinds;
}

std::vector<BrokerLogFinding> scan_broker_log(std::istream& log, const std::string& file,
                                              const BrokerLogRules& rules) {
  std::vector<BrokerLogFinding> findings;
  std::uint64_t number = 0;
  for (std::string line; std::getline(log, line);) {
    ++number;
    const auto kind = kind_of(line);
    if (!kind) continue;
    const std::string& name = broker_log_kinds()[*kind].name;
    auto ruled = rule(*kind, line, file, rules);
    const auto known = std::ranges::find_if(findings, [&](const BrokerLogFinding& f) {
      return f.kind == name && f.allowance == ruled.allowance;
    });
    if (known != findings.end()) {
      ++known->count;
      continue;
    }
    findings.push_back({.file = file,
                        .kind = name,
                        .count = 1,
                        .line = number,
                        .text = line.substr(0, kept_text),
                        .allowance = ruled.allowance,
                        .why = std::move(ruled.why)});
  }
  return findings;
}

}  // namespace seatrial::judge
