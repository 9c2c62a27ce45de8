// A workload is a client pattern; it runs in lanes, one client thread with one client handle each.
// The runner makes the lanes, their ledger and recorder; the workload drives its client through the
// phases. One pattern per file under workloads/.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/options.hpp"
#include "core/time.hpp"

namespace seatrial {

namespace measure {
class LaneRecorder;
class Availability;
}  // namespace measure
namespace ledger {
class LaneLedger;
class GroupLedger;
}  // namespace ledger

// Counters that the lane writes and others poll (triggers, live progress, the series). Relaxed:
// each is a running total, read for its rough present value only. In memory that processes share.
struct LaneCounters {
  std::atomic<std::uint64_t> due{0};     // intended times that have passed
  std::atomic<std::uint64_t> handed{0};  // accepted by the client library
  std::atomic<std::uint64_t> sent{0};    // acks=0: settled without an answer
  std::atomic<std::uint64_t> acked{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> unknown{0};
  std::atomic<std::uint64_t> consumed{0};
  std::atomic<std::uint64_t> backpressure_ns{
      0};  // waiting with a message due and the client's queue full
  std::atomic<std::uint64_t> cpu_ns{0};  // of the lane's own processes; 0: it is a thread
  std::atomic<std::uint64_t> throttle_ns{0};  // that brokers told the client to wait, for quotas
};

// Shared by all lanes of a trial, also those in processes of their own: when the phases change, in
// steady-clock nanoseconds. The start of measure is not known while clients warm up: it is set
// once, ahead of its time, and lies whole seconds after the origin, so that seconds can be counted
// before.
struct TrialClock {
  static constexpr std::int64_t undecided = INT64_MAX;

  std::int64_t start_ns = 0;   // intended time 0: the start of warmup
  std::int64_t origin_ns = 0;  // the earliest start of measure; recorders count seconds from here
  std::atomic<std::int64_t> measure_ns{undecided};  // the start of measure; `t = 0` of every report
  std::atomic<std::int64_t> intend_until_ns{INT64_MAX};  // nothing is intended at or after this
  std::atomic<std::int64_t> settle_until_ns{
      INT64_MAX};  // set when settling starts: what is open then is unknown
  std::atomic<bool> consumers_stop{false};  // set when producers have settled

  [[nodiscard]] bool decided() const { return measure_ns != undecided; }
  // Whether it is that long, or longer, since measure began.
  [[nodiscard]] bool reached(nanoseconds since_measure) const {
    return decided() && to_ns(now()) - measure_ns >= since_measure.count();
  }
  // Seconds from the origin to the start of measure, which is decided.
  [[nodiscard]] std::int64_t waited_s() const { return (measure_ns - origin_ns) / 1'000'000'000; }
};

// How a consuming lane in a process of its own tells the harness what it does. What a call has told
// outlives the process, so a lane tells that it was handed a message before it processes it. Lane's
// thread only.
class MemberLink {
 public:
  struct Delivery {
    std::int32_t partition = 0;
    std::uint32_t generation = 0;  // assignments of this process so far
    std::int64_t offset = -1;
    bool identified = true;  // false: corrupt or of another trial; then only its offset counts
    StreamId stream;
    Seq seq;
    std::int64_t intended_ns = 0;
    std::int64_t at_ns = 0;
  };
  enum class Change { assigned, revoked, lost };  // lost: the group had given them to others before

  virtual ~MemberLink() = default;
  virtual void delivered(std::span<const Delivery> batch) = 0;
  virtual void rebalanced(Change change, std::span<const std::int32_t> partitions,
                          std::uint32_t generation) = 0;
  // `offset`: the next one to read. `error`: the client's name of why it was refused; empty: it
  // holds.
  virtual void committed(std::int32_t partition, std::int64_t offset, std::uint32_t generation,
                         std::string_view error) = 0;
  // It ends with this partition read up to that offset, which would have been its next.
  virtual void read_until(std::int32_t partition, std::int64_t offset) = 0;
};

// When a member takes part, since the start of measure; none: from the beginning, and to the end.
struct MemberSpan {
  std::optional<nanoseconds> joins;
  std::optional<nanoseconds> leaves;
};

struct LaneContext {
  LaneId lane;
  int index = 0;         // of this lane within its workload
  int lanes = 1;         // of this workload
  std::string workload;  // its name in the scenario
  std::string bootstrap;
  std::string topic;
  int partitions = 1;           // of the topic
  std::uint32_t trial_tag = 0;  // random per trial: marks its messages
  std::uint32_t first_stream =
      0;                   // producers: stream of (this lane, partition p) is first_stream + p
  std::uint64_t seed = 0;  // of this lane
  std::map<std::string, std::string>
      properties;  // librdkafka's, from the scenario, after the matrix
  TrialClock* clock = nullptr;
  LaneCounters* counters = nullptr;
  measure::LaneRecorder* recorder = nullptr;
  measure::Availability* availability = nullptr;  // producers only; of all lanes
  std::size_t first_partition = 0;                // availability index of this topic's partition 0
  ledger::LaneLedger* ledger = nullptr;           // producers only
  // Consumers only: the ledger that the lanes of a group share, or, of a lane in a process of its
  // own, the link to it.
  ledger::GroupLedger* group = nullptr;
  MemberLink* link = nullptr;
};

// What a lane knows at its end, for the record.
struct LaneReport {
  std::uint64_t intended = 0;  // messages whose intended time fell before the end
  std::uint64_t unsent = 0;    // of those, never handed to the client
  std::map<std::string, std::string> effective_config;  // the client's own dump
  std::map<std::int32_t, std::map<std::string, std::uint64_t>>
      errors;                      // partition -> error name -> count
  std::vector<std::string> notes;  // fatal client errors and the like, a sentence each
  std::uint64_t redelivered =
      0;                       // consumers: messages of a (stream, seq) that the group had already
  std::string client_version;  // "librdkafka 2.0.2", as loaded
  // For the history, of workloads that have such; the audit fills in what the log holds.
  std::vector<TransactionHistory> transactions;
  std::vector<TransformHistory> transforms;  // without its inputs
  std::vector<KeyedHistory> keyed;           // without `found`
};

class Workload {
 public:
  virtual ~Workload() = default;
  // Whether lanes of this workload produce (and so have streams in the ledger).
  [[nodiscard]] virtual bool produces() const = 0;
  [[nodiscard]] virtual int lanes() const = 0;
  // Effective properties that decide the contract: "acks", "enable.idempotence", ... in
  // librdkafka's spelling, defaults filled in, and names checked.
  [[nodiscard]] virtual std::map<std::string, std::string> client_properties() const = 0;
  // The offered rate over all lanes, messages/s; 0 for a closed loop or a consumer.
  [[nodiscard]] virtual double offered_rate() const { return 0; }
  // Messages that fall due over all lanes within that time from the start of warmup: where the rate
  // changes over time, offered_rate() is but the one that the scenario names.
  [[nodiscard]] virtual double offered_messages(nanoseconds span) const {
    return offered_rate() * to_seconds(span);
  }
  // Whether each lane is a process of its own, a member that faults can kill and pause. It has a
  // clock of its own, which stops when this member shall leave, and beside its link and counters
  // nothing to record with. (Lanes of any workload may be processes for the sake of their client
  // library; those are no targets, and have the trial's clock.)
  [[nodiscard]] virtual bool has_members() const { return false; }
  // Of the member at that index, from 0.
  [[nodiscard]] virtual MemberSpan member_span(int /*index*/) const { return {}; }
  // Whether a consumer that dies may leave undone what it has committed already.
  [[nodiscard]] virtual bool at_most_once() const { return false; }
  // Whether they are members of a share group (KIP-932): several read a partition at a time, and
  // each message is acknowledged by itself.
  [[nodiscard]] virtual bool shares() const { return false; }
  // A consumer that has been given nothing for so long, when nobody produces any more, has been
  // given everything that it will be.
  [[nodiscard]] virtual nanoseconds quiet_time() const { return seconds(2); }
  // What the audit shall show every record to, after all lanes have ended; null: the ledger's
  // comparison is enough.
  [[nodiscard]] virtual std::unique_ptr<LogObserver> observer() const { return nullptr; }
  // Runs one lane from now to the end of its trial, on the calling thread: connects, signals
  // `ready` once it is, waits for clock->start_ns, works, settles. `stop` ends it early (still
  // settling within what is left of the budget). Throws only on errors of infrastructure.
  virtual LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                         std::stop_token stop) const = 0;
};

}  // namespace seatrial
