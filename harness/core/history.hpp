// What a trial's checkers judge: for each stream what its producer was told (from the ledger), and
// what a fresh client found in the log afterwards (from the audit). Plain values; built once, then
// read-only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
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
  // Acked, absent, and told from loss by where their neighbours were acked.
  bool offsets_known = false;  // false: nobody told, and the next two are empty
  IntervalSet expired;         // surely below the log's start: deleted, not lost
  IntervalSet maybe_expired;   // may lie below the log's start: no claim
  // Acked at one offset, found at another; at least so many, as blocks of offsets and spans of
  // sequences prove.
  Sightings inconsistent_offset;
  std::uint64_t offset_blocks = 0;            // compared; 256 offsets each, more in long logs
  std::uint64_t offset_blocks_undecided = 0;  // of those, with lost, unknown or duplicate messages
};

struct PartitionHistory {
  TopicPartition where;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;  // one past the last offset, sampled after healing
  std::uint64_t messages_read = 0;
  bool complete = false;  // read from log_start to log_end, unchanged leader epoch meanwhile
  std::string incomplete_reason;
  bool batches_seen = false;             // read by wire: epochs, producers and markers are known
  std::uint64_t leaders_followed = 0;    // by another leader's batches, of those seen
  std::int64_t last_stable_offset = -1;  // -1: not asked
  std::uint64_t control_batches = 0;
  std::uint64_t aborted_messages = 0;  // of aborted transactions, by the broker's own list
  std::uint64_t tombstones = 0;        // without a value, and so without an identity
  Sightings epoch_regression;          // a batch of an older leader epoch than one before it
  Sightings duplicate;                 // a (stream, seq) at one more offset
  Sightings reordered;  // a seq below an earlier one of its stream, seen for the first time
  Sightings phantom;    // well-formed, but of no stream or never opened
  Sightings corrupt;    // identity unreadable or CRC32C differs
};

// Messages of one stream, by sequence, half-open; and the lowest and highest offset that their
// producer was told (-1: none).
struct StreamSpan {
  StreamId stream;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::int64_t first_offset = -1;
  std::int64_t last_offset = -1;
  friend bool operator==(const StreamSpan&, const StreamSpan&) = default;
};

// A transaction as its producer knows it. One whose commit was never asked for is aborted, whatever
// became of the abort: nobody else may commit it. What is neither committed nor aborted for certain
// is unknown.
struct TransactionHistory {
  enum class Outcome { committed, aborted, unknown };
  std::string workload;
  LaneId lane;
  std::uint64_t number = 0;  // within the lane, from 0
  Outcome outcome = Outcome::unknown;
  // Another producer of its transactional.id had been initialised before its commit was asked for.
  bool zombie = false;
  bool fenced = false;  // its commit was refused, because its producer had been fenced
  std::string refusal;  // the client's name of the error that refused its commit; empty: none did
  Instant
      commit_asked;  // taken before the first call that asks for its commit; zero: there was none
  std::vector<StreamSpan> writes;  // a span for each stream, ascending
  std::vector<StreamSpan> reads;   // what it consumed; offsets are not given
};

// What a consume-transform-produce workload made of its input, by partition of the input. Offsets
// are the input's.
struct TransformInput {
  TopicPartition where;
  std::int64_t committed_offset = -1;  // the group's at the end; -1: it has none
  IntervalSet readable;                // hold a record that readers under read_committed are given
  IntervalSet transformed;             // have an output that readers under read_committed are given
  Sightings twice;                     // one more output; examples name the output
};
struct TransformHistory {
  std::string workload;
  std::string group;
  std::string input;           // topic
  std::string output;          // topic
  bool transactional = true;   // false: offsets are committed after the output, apart from it
  bool offsets_known = false;  // the coordinator was asked, and answered
  std::string offsets_unknown_reason;
  std::vector<TransformInput> inputs;
};

// A key's state: its version (ascending, from 1) times two, plus one for a tombstone; 0: none.
// A tombstone that was read carries no version, and is 1.
using KeyState = std::uint64_t;
[[nodiscard]] constexpr KeyState key_state(std::uint64_t version, bool tombstone) {
  return version * 2 + (tombstone ? 1 : 0);
}
[[nodiscard]] constexpr bool is_tombstone(KeyState state) { return (state & 1U) != 0; }
[[nodiscard]] constexpr std::uint64_t version_of(KeyState state) { return state / 2; }

// The keys of one lane on a compacted topic, of which it is the only writer. Key i of the lane is
// key `first_key + i * key_step` of the topic, its text that number in decimal.
struct KeyedHistory {
  std::string workload;
  std::string topic;
  std::uint64_t first_key = 0;
  std::uint64_t key_step = 1;
  std::vector<std::int32_t> partition;  // by key of the lane, like the next two
  std::vector<KeyState> acked;          // the highest version that was acked
  std::vector<KeyState> found;          // of its last record in the log
  // Keys with versions above the acked one whose outcome is not known: the highest of them, and
  // whether a tombstone is among them.
  struct Doubt {
    std::uint64_t version = 0;
    bool tombstone = false;
  };
  std::map<std::uint64_t, Doubt> doubtful;  // by key of the lane
  std::vector<Instant> acked_sent;          // by key: when its acked version was sent; may be empty
  bool read = false;                        // `found` is filled
  Instant read_at;                          // when that reading had ended
};

// A partition's log as it was seen once during the trial. Between `asked` and `answered` it began
// at `log_start` and ended at `log_end` at some moment.
struct LogExtent {
  Instant asked;
  Instant answered;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
};
struct RetentionHistory {
  TopicPartition where;
  std::vector<LogExtent> extents;  // in order of time
  // How long before its append a record may have been given its timestamp: the longest time from
  // send to ack. Negative: not known.
  nanoseconds timestamp_lag{-1};
};

// Messages [begin, end) of a stream that one poll handed over; the time is taken after it.
struct HandedOver {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Instant at;
};

// What a consumer group was handed, all members taken together.
struct GroupHistory {
  std::string workload;
  std::string group;
  std::string topic;
  std::map<TopicPartition, std::int64_t> read_until;  // the next offset when its members ended
  bool read_to_end = false;  // that was the log's end, so what is missing is missing
  std::string unread_reason;
  bool read_committed = false;
  bool from_start = true;  // it began at the log's start: auto.offset.reset=earliest, a new group
  bool at_most_once = false;  // a member that dies leaves undone what it had stored offsets for
  bool share = false;      // a share group: neither order nor offsets, each message by itself
  bool cut_short = false;  // its members were ended while messages still came
  std::map<StreamId, IntervalSet> delivered;
  // The first time of each, of groups under read_committed, while there was room for it: messages
  // that are missing here were handed over at a time that nobody knows.
  std::map<StreamId, std::vector<HandedOver>> handed_over;
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
// How long a topic keeps what it holds, in milliseconds as Kafka has it; -1: without limit or, from
// segment_ms on, not known.
struct RetentionContract {
  bool deletes = true;  // cleanup.policy contains delete
  bool compacts = false;
  std::int64_t retention_ms = -1;
  std::int64_t retention_bytes = -1;
  std::int64_t segment_ms = -1;
  std::int64_t delete_retention_ms = -1;
  std::int64_t check_interval_ms = -1;    // of the brokers, like the next two
  std::int64_t initial_delay_ms = -1;     // of the first check after a broker's start
  std::int64_t replica_lag_time_ms = -1;  // how long a follower that is away holds the log back
};
struct Contract {
  std::map<std::string, WorkloadContract> workloads;
  std::map<std::string, int> min_insync_replicas;       // by topic
  std::map<std::string, bool> unclean_leader_election;  // by topic
  std::map<std::string, int> replication;               // by topic
  // By topic: after how many messages a broker has its disk keep them; absent: not known.
  std::map<std::string, std::int64_t> flush_messages;
  // Topics of which all replicas in sync lost power at one moment.
  std::set<std::string> lost_power;
  std::map<std::string, RetentionContract> retention;   // by topic
  std::set<std::string> deleted_topics{};               // meanwhile, and perhaps made anew
  [[nodiscard]] bool compacts(const std::string& topic) const {
    const auto at = retention.find(topic);
    return at != retention.end() && at->second.compacts;
  }
};

struct History {
  std::vector<StreamHistory> streams;
  std::vector<PartitionHistory> partitions;
  std::vector<Unavailability> unavailability;
  std::vector<TransactionHistory> transactions;
  std::vector<GroupHistory> groups;
  std::vector<TransformHistory> transforms;
  std::vector<KeyedHistory> keyed;
  std::vector<RetentionHistory> retention;
  // The longest time in which some replica was not in sync, as the brokers told during the trial
  // and after it; absent: they never told of one.
  std::map<TopicPartition, nanoseconds> longest_out_of_sync;
  Contract contract;
};

}  // namespace seatrial
