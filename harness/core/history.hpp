// What a trial's checkers judge: for each stream what its producer was told (from the ledger), and
// what a fresh client found in the log afterwards (from the audit). Plain values; built once, then
// read-only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/interval_set.hpp"
#include "core/time.hpp"

namespace seatrial {

// One message that proves a finding.
struct Example {
  StreamId stream;
  Seq seq;
  TopicPartition where;
  std::int64_t offset = -1;  // -1: none
  std::string note;          // what is special about this one
  friend bool operator==(const Example&, const Example&) = default;
};

inline constexpr std::size_t max_examples = 10;  // kept per kind and partition

// Messages of one kind on one partition: the exact count, and the first few as proof.
struct Sightings {
  std::uint64_t count = 0;
  std::vector<Example> examples;
  void add(Example example) {
    ++count;
    if (examples.size() < max_examples) examples.push_back(std::move(example));
  }
  friend bool operator==(const Sightings&, const Sightings&) = default;
};

struct StreamHistory {
  StreamId stream;
  std::string workload;
  LaneId lane;
  TopicPartition where;
  // Told by the client. opened = [0, opened); what is in none of the sets is unknown.
  std::uint64_t opened = 0;
  IntervalSet sent;  // acks=0: handed over, nothing promised
  IntervalSet acked;
  IntervalSet failed;
  std::int64_t max_acked_offset = -1;
  std::uint64_t outcomes_dropped =
      0;  // settled but not recorded for want of room: unknown, and reported
  // Offsets as the client was told them, judged as they came.
  Sightings nonmonotonic_send;  // a later sequence at a lower offset than an earlier one
  Sightings offset_reuse;       // at an offset that was acked before this message was sent
  // Found by the audit.
  IntervalSet present;    // whoever reads: also of aborted transactions
  IntervalSet committed;  // given to readers under read_committed; a subset of present
  IntervalSet expired;    // surely below the log's start: deleted, not lost
  IntervalSet maybe_expired;  // may lie below the log's start: no claim
  Sightings inconsistent_offset;    // acked at one offset, found at another
  std::uint64_t offset_blocks = 0;  // of 4096 offsets, compared by a sum
  std::uint64_t offset_blocks_undecided = 0;  // of those, with lost, unknown or duplicate messages
};

struct PartitionHistory {
  TopicPartition where;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;  // one past the last offset, sampled after healing
  std::uint64_t messages_read = 0;
  bool complete = false;  // read from log_start to log_end, unchanged leader epoch meanwhile
  std::string incomplete_reason;
  bool batches_seen = false;            // read by wire: epochs, producers and markers are known
  std::int64_t last_stable_offset = -1;  // -1: not asked
  std::uint64_t control_batches = 0;
  std::uint64_t aborted_messages = 0;  // of aborted transactions, by the broker's own list
  Sightings epoch_regression;          // a batch of an older leader epoch than one before it
  Sightings duplicate;  // a (stream, seq) at one more offset
  Sightings reordered;  // a seq below an earlier one of its stream, seen for the first time
  Sightings phantom;    // well-formed, but of no stream or never opened
  Sightings corrupt;    // identity unreadable or CRC32C differs
};

// Messages of one stream, by sequence, half-open.
struct StreamSpan {
  StreamId stream;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A transaction as its producer knows it. What was neither committed nor aborted for certain is
// unknown.
struct TransactionHistory {
  enum class Outcome { committed, aborted, unknown };
  std::string workload;
  LaneId lane;
  std::uint64_t number = 0;  // within the lane, from 0
  Outcome outcome = Outcome::unknown;
  std::vector<StreamSpan> writes;
};

// What a consumer group was handed, all members taken together.
struct GroupHistory {
  std::string workload;
  std::string group;
  std::string topic;
  bool read_to_end = false;  // it could reach the log's end, so what is missing is missing
  std::string unread_reason;
  bool read_committed = false;
  bool from_start = true;  // it began at the log's start: auto.offset.reset=earliest, a new group
  std::map<StreamId, IntervalSet> delivered;
  Sightings redelivered;
  Sightings nonmonotonic_poll;  // not above the offset before it, within one assignment
  // Of messages that the audit found at offsets which...
  Sightings poll_skip;                   // ...one assignment passed over
  Sightings committed_beyond_delivered;  // ...were committed before anything so high was delivered
  Sightings skipped;                     // ...the group's last commit covers, and nobody was given
  std::uint64_t gaps_dropped = 0;        // not recorded for want of room, so not looked into
  // The longest that a message was due (since its intended time) when it was first handed over.
  std::map<TopicPartition, nanoseconds> longest_lag;
  std::map<TopicPartition, std::int64_t> committed_offsets;  // the coordinator's, at the end
};

// A span in which messages were due on a partition and none was acked.
struct Unavailability {
  TopicPartition where;
  Instant from;
  Instant to;
};

// What the settings in force promise; read from the live cluster and the client's own
// configuration.
struct WorkloadContract {
  std::string acks;  // "0", "1", "all"
  bool idempotent = false;
  int max_in_flight = 1'000'000;
};
struct Contract {
  std::map<std::string, WorkloadContract> workloads;
  std::map<std::string, int> min_insync_replicas;       // by topic
  std::map<std::string, bool> unclean_leader_election;  // by topic
  std::map<std::string, int> replication;               // by topic
};

struct History {
  std::vector<StreamHistory> streams;
  std::vector<PartitionHistory> partitions;
  std::vector<Unavailability> unavailability;
  std::vector<TransactionHistory> transactions;
  std::vector<GroupHistory> groups;
  Contract contract;
};

}  // namespace seatrial
