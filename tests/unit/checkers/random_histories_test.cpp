// Small random trials, played into ledger, group and audit, and judged by the checkers; a slow
// reference of plain maps says what has to be found, and nothing else may be.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkers/check_all.hpp"
#include "checkers/common.hpp"
#include "ledger/audit.hpp"
#include "ledger/group.hpp"
#include "ledger/identity.hpp"
#include "ledger/ledger.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

constexpr std::uint32_t tag = 0x5ea7;
using seatrial::test::p0;

using Counts = std::map<std::string, std::uint64_t>;

struct Record {
  std::uint32_t stream = 0;
  std::uint64_t seq = 0;
  bool committed = true;
  bool control = false;
  std::int32_t epoch = 0;
  friend bool operator==(const Record&, const Record&) = default;
};
using Log = std::map<std::int64_t, Record>;  // by offset

// What happened in a trial: its truth, from which both sides are derived.
struct Trial {
  struct Message {
    Outcome outcome = Outcome::unknown;
    std::int64_t acked_at = -1;
  };
  std::vector<std::vector<Message>> streams;  // by sequence
  Log log;
  std::int64_t log_start = 0;
  std::vector<std::vector<std::int64_t>> assignments;  // offsets handed over, in order
  std::int64_t committed_offset = -1;
};

// Two lanes write a partition, some messages fail or stay unknown; a group of several assignments
// reads everything. Sound.
Trial sound_trial(std::mt19937_64& random) {
  Trial trial;
  trial.streams.resize(2);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < 20 + random() % 200; ++i) {
    const auto stream = static_cast<std::uint32_t>(random() % 2);
    auto& messages = trial.streams[stream];
    const std::uint64_t seq = messages.size();
    const std::uint64_t die = random() % 20;
    if (die == 0) {
      messages.push_back({Outcome::failed});
      continue;
    }
    messages.push_back({die == 1 ? Outcome::unknown : Outcome::acked, die == 1 ? -1 : offset});
    if (die == 1 && random() % 2 == 0) continue;  // unknown, and absent
    if (random() % 15 == 0) {
      messages.back().acked_at = messages.back().outcome == Outcome::acked ? offset + 1 : -1;
      trial.log[offset++] = {.control = true, .epoch = static_cast<std::int32_t>(offset / 50)};
    }
    trial.log[offset] = {stream, seq, true, false, static_cast<std::int32_t>(offset / 50)};
    ++offset;
  }
  trial.assignments.resize(1 + random() % 3);
  for (const auto& [at, record] : trial.log) {
    if (record.control) continue;
    const auto which = static_cast<std::size_t>(at) * trial.assignments.size() / trial.log.size();
    trial.assignments[std::min(which, trial.assignments.size() - 1)].push_back(at);
  }
  trial.committed_offset = offset;
  return trial;
}

History play(const Trial& trial) {
  Ledger ledger(
      {{LaneId{0}, "produce", "orders", 1, 1000}, {LaneId{1}, "produce", "orders", 1, 1000}});
  for (std::uint32_t s = 0; s < 2; ++s) {
    LaneLedger lane = ledger.lane(s);
    for (const auto& message : trial.streams[s]) {
      lane.settle(lane.open(0, 0), message.outcome, message.acked_at);
    }
  }
  GroupLedger group({.workload = "read", .group = "read", .topic = "orders", .partitions = 1});
  for (std::size_t i = 0; i < trial.assignments.size(); ++i) {
    for (const std::int64_t offset : trial.assignments[i]) {
      const Record& record = trial.log.at(offset);
      Delivery delivery{.member = 0,
                        .assignment = static_cast<std::uint32_t>(i),
                        .partition = 0,
                        .offset = offset,
                        .stream = StreamId{record.stream},
                        .seq = Seq{record.seq}};
      group.observe({&delivery, 1});
    }
  }
  if (trial.committed_offset >= 0) group.committed(0, trial.committed_offset);

  History history;
  history.streams = ledger.snapshot();
  history.groups = {group.history()};
  history.groups[0].read_to_end = true;
  history.contract.workloads["produce"] = {"all", true, 5};
  history.contract.min_insync_replicas["orders"] = 2;
  history.contract.replication["orders"] = 3;
  history.contract.unclean_leader_election["orders"] = false;
  const std::int64_t end = trial.log.empty() ? 0 : trial.log.rbegin()->first + 1;
  Audit audit(tag, history.streams);
  audit.expect(p0, trial.log_start, end);
  audit.report(ledger.offsets());
  audit.watch(0, false, group.gaps());
  for (const auto& [offset, record] : trial.log) {
    if (offset < trial.log_start) continue;
    std::vector<std::byte> value(40);
    stamp(value, {tag, StreamId{record.stream}, Seq{record.seq}, 0});
    const LogRecord read{
        .offset = offset, .key = {}, .value = value, .committed = record.committed};
    audit.observe(p0,
                  {.seen = true,
                   .base_offset = offset,
                   .leader_epoch = record.epoch,
                   .control = record.control},
                  {&read, 1});
  }
  audit.complete(p0);
  audit.finish(history);
  return history;
}

Counts found(const Trial& trial) {
  const History history = play(trial);
  checkers::FailedCheckers failed;
  Counts out;
  for (const Finding& finding : checkers::check_all(history, failed)) {
    out[finding.anomaly] += finding.count;
  }
  CHECK(failed.empty());
  CHECK(checkers::undecided(history).empty());
  return out;
}

// The reference: what the truth holds, by looking at every message again and again.
class Reference {
 public:
  explicit Reference(const Trial& trial) : trial_(trial) {
    for (const auto& [offset, record] : trial.log) {
      if (record.control || offset < trial.log_start) continue;
      places_[{record.stream, record.seq}].push_back(offset);
    }
  }

  Counts counts() {
    reported();
    in_log();
    groups();
    std::erase_if(out_, [](const auto& entry) { return entry.second == 0; });
    return out_;
  }

 private:
  void reported() {
    std::int64_t highest_of_all = -1;
    for (std::uint32_t s = 0; s < 2; ++s) {
      std::int64_t highest = -1;
      for (std::uint64_t seq = 0; seq < trial_.streams[s].size(); ++seq) {
        const auto& message = trial_.streams[s][seq];
        const bool present = places_.contains({s, seq});
        if (message.outcome == Outcome::acked) {
          out_["acked-lost"] += present || message.acked_at < trial_.log_start ? 0U : 1U;
          out_["nonmonotonic-send"] += message.acked_at <= highest ? 1U : 0U;
          // Settled one by one: all that was acked before was acked before this one was sent.
          out_["offset-reuse"] += message.acked_at <= highest ? 1U : 0U;
          highest = std::max(highest, message.acked_at);
          highest_of_all = std::max(highest_of_all, highest);
        }
        if (message.outcome == Outcome::failed) out_["failed-but-present"] += present ? 1U : 0U;
        if (message.outcome == Outcome::unknown) out_["unacked-present"] += present ? 1U : 0U;
        out_["duplicate"] += present ? places_.at({s, seq}).size() - 1 : 0U;
      }
    }
    const std::int64_t end = trial_.log.rbegin()->first + 1;
    out_["log-truncation"] =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, highest_of_all + 1 - end));
  }

  void in_log() {
    std::int32_t epoch = -1;
    std::map<std::uint32_t, std::set<std::uint64_t>> before;
    for (const auto& [offset, record] : trial_.log) {
      if (offset < trial_.log_start) continue;
      out_["epoch-regression"] += record.epoch < epoch ? 1U : 0U;
      epoch = std::max(epoch, record.epoch);
      if (record.control) continue;
      auto& seqs = before[record.stream];
      const bool late = !seqs.empty() && *seqs.rbegin() > record.seq && !seqs.contains(record.seq);
      out_["reordered"] += late ? 1U : 0U;
      seqs.insert(record.seq);
    }
  }

  void groups() {
    std::set<std::pair<std::uint32_t, std::uint64_t>> handed;
    std::set<std::int64_t> offsets, skipped;
    std::int64_t highest = -1;
    for (const auto& assignment : trial_.assignments) {
      std::int64_t last = -1;
      for (const std::int64_t offset : assignment) {
        const Record& record = trial_.log.at(offset);
        out_["redelivered"] += handed.insert({record.stream, record.seq}).second ? 0U : 1U;
        offsets.insert(offset);
        highest = std::max(highest, offset);
        if (last >= 0 && offset <= last) ++out_["nonmonotonic-poll"];
        for (std::int64_t between = last + 1; last >= 0 && between < offset; ++between) {
          if (is_message(between)) skipped.insert(between);
        }
        last = offset;
      }
    }
    out_["poll-skip"] = skipped.size();
    for (const auto& [offset, record] : trial_.log) {
      if (!is_message(offset) || offset >= trial_.committed_offset) continue;
      out_["group-skipped"] += offsets.contains(offset) ? 0U : 1U;
      out_["committed-beyond-delivered"] += offset > highest ? 1U : 0U;
    }
    for (const auto& [id, places] : places_) {
      const bool acked = trial_.streams[id.first][id.second].outcome == Outcome::acked;
      out_["unseen"] += acked && !handed.contains(id) ? 1U : 0U;
    }
  }

  [[nodiscard]] bool is_message(std::int64_t offset) const {
    const auto at = trial_.log.find(offset);
    return at != trial_.log.end() && !at->second.control && offset >= trial_.log_start;
  }

  const Trial& trial_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<std::int64_t>> places_;
  Counts out_;
};

// Of a random message that was acked and is in the log: its offset.
std::int64_t pick(const Trial& trial, std::mt19937_64& random) {
  std::vector<std::int64_t> all;
  for (const auto& [offset, record] : trial.log) {
    if (record.control) continue;
    if (trial.streams[record.stream][record.seq].outcome == Outcome::acked) all.push_back(offset);
  }
  return all.at(random() % all.size());
}

Trial::Message& message_at(Trial& trial, std::int64_t offset) {
  const Record& record = trial.log.at(offset);
  return trial.streams[record.stream][record.seq];
}

void forget(Trial& trial, std::int64_t offset) {
  trial.log.erase(offset);
  for (auto& assignment : trial.assignments) std::erase(assignment, offset);
}

struct Injection {
  std::string anomaly;
  std::function<void(Trial&, std::mt19937_64&)> apply;
};

std::vector<Injection> injections() {
  return {
      {"acked-lost", [](Trial& t, auto& random) { forget(t, pick(t, random)); }},
      {"failed-but-present",
       [](Trial& t, auto& random) {
         auto& message = message_at(t, pick(t, random));
         message = {Outcome::failed, -1};
       }},
      {"duplicate",
       [](Trial& t, auto& random) {
         const std::int64_t end = t.log.rbegin()->first + 1;
         t.log[end] = t.log.at(pick(t, random));
         t.log[end].epoch = t.log.at(end - 1).epoch;
       }},
      {"epoch-regression",
       [](Trial& t, auto& random) {
         const std::int64_t at = pick(t, random);
         t.log.at(at).epoch = -1;
         t.log.begin()->second.epoch = 9;
       }},
      {"offset-reuse",
       [](Trial& t, auto& random) {
         auto& message = message_at(t, pick(t, random));
         message.acked_at = 0;
       }},
      {"poll-skip",
       [](Trial& t, auto& random) {
         const std::int64_t at = pick(t, random);
         for (auto& assignment : t.assignments) std::erase(assignment, at);
       }},
      {"redelivered",
       [](Trial& t, auto& random) {
         auto& assignment = t.assignments.at(random() % t.assignments.size());
         if (!assignment.empty()) assignment.push_back(assignment.at(random() % assignment.size()));
       }},
      {"committed-beyond-delivered",
       [](Trial& t, auto&) {
         while (t.assignments.size() > 1 && t.assignments.back().empty()) t.assignments.pop_back();
         if (!t.assignments.back().empty()) t.assignments.back().pop_back();
       }},
  };
}

// Offsets that differ are counted by block; whether a block can tell is offsets_test's.
Counts without_blocks(Counts counts) {
  counts.erase("inconsistent-offset");
  return counts;
}

}  // namespace

TEST_CASE("sound random trials have nothing to find", "[random-histories]") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    Counts all = found(sound_trial(random));
    all.erase("unacked-present");  // allowed, and there on purpose
    REQUIRE(all == Counts{});
  }
}

TEST_CASE("what is injected into random trials is found as the reference finds it",
          "[random-histories]") {
  std::mt19937_64 random(2);
  const auto all = injections();
  std::map<std::string, int> shown;
  for (int round = 0; round < 600; ++round) {
    Trial trial = sound_trial(random);
    std::string names;
    for (std::size_t i = 0; i < 1 + random() % 3; ++i) {
      const Injection& injection = all.at(random() % all.size());
      injection.apply(trial, random);
      names += injection.anomaly + " ";
    }
    CAPTURE(round, names);
    const Counts expected = Reference(trial).counts();
    REQUIRE(without_blocks(found(trial)) == expected);
    for (const auto& [anomaly, count] : expected) ++shown[anomaly];
  }
  for (const Injection& injection : all) {
    CAPTURE(injection.anomaly);
    CHECK(shown[injection.anomaly] > 20);
  }
}

TEST_CASE("a message found where it was not acked is inconsistent in random trials",
          "[random-histories]") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    Trial trial = sound_trial(random);
    message_at(trial, pick(trial, random)).acked_at += 1'000'000;
    CHECK(found(trial)["inconsistent-offset"] == 1);  // also if two blocks differ
  }
}

TEST_CASE("random trials whose beginning was deleted lose nothing by that", "[random-histories]") {
  std::mt19937_64 random(4);
  std::uint64_t expired = 0;
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    Trial trial = sound_trial(random);
    trial.log_start = static_cast<std::int64_t>(random() % trial.log.size());
    const History history = play(trial);
    checkers::FailedCheckers failed;
    for (const Finding& finding : checkers::check_all(history, failed)) {
      const bool no_claim = finding.anomaly == "undecided" || finding.anomaly == "unacked-present";
      CAPTURE(finding.anomaly);
      REQUIRE(no_claim);
    }
    REQUIRE(checkers::undecided(history).empty());
    for (const auto& stream : history.streams) {
      expired += stream.expired.count();
      REQUIRE(stream.maybe_expired.count() <= 16);
      for (const auto& set : {stream.expired, stream.maybe_expired}) {
        REQUIRE(set.minus(stream.acked).empty());
        REQUIRE(set.intersect(stream.present).empty());
      }
    }
  }
  CHECK(expired > 1000);
}
