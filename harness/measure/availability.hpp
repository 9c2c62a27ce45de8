// When partitions could not be written: spans in which a message was due and none was acked. Shared
// by the lanes of a trial; a few loads per ack, an atomic exchange each millisecond, a lock only
// when a span is long enough to be kept. Lanes in processes of their own share it too: what acks
// touch lies in memory that all of them map, and the few spans and errors that a process has found
// are carried to the harness (`take_news`, `add`).
//
// A span begins at the last ack or, if later, at the intended time of the oldest message that has
// waited since, and ends with the next ack. Lanes settle in batches, so a span's ends are good to a
// few ms.
//
// Around a fault more is kept: a mark notes, per partition, the last ack before it and the first
// one after, and errors are counted by when they came. While no mark waits for an ack this costs
// the lanes one more read of a value that seldom changes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/shared_memory.hpp"

namespace seatrial::measure {

// The acks of one partition around a fault. Epoch: there was none.
struct AcksAround {
  Instant last_before{};
  Instant first_after{};
};

class Availability {
 public:
  using Mark = std::size_t;

  // Spans below this are not kept: they are latency, not unavailability.
  static constexpr std::int64_t usual_least_ns = 100'000'000;
  static constexpr std::size_t most_marks = 1024;

  explicit Availability(std::vector<TopicPartition> partitions,
                        std::int64_t least_ns = usual_least_ns);
  // In memory that others use too: `shared_bytes` of zeros, `begun` if somebody has begun already.
  enum class Memory { fresh, begun };
  Availability(std::vector<TopicPartition> partitions, std::byte* memory, Memory state,
               std::int64_t least_ns = usual_least_ns);
  static std::size_t shared_bytes(std::size_t partitions);

  // `index`: position in the constructor's list. Any lane's thread.
  void acked(std::size_t index, std::int64_t intended_ns, std::int64_t done_ns);
  void not_acked(std::size_t index,
                 std::int64_t intended_ns);  // failed or never resolved: still waiting

  // Counts an error that a client was told, at the time it was told, for so many messages.
  void error(std::size_t index, const std::string& name, std::int64_t at_ns,
             std::uint64_t messages = 1);

  // A fault begins: what was acked until `from_ns` came before it. Any thread of the harness.
  Mark mark(std::int64_t from_ns);
  // Its effect is seen: the first ack after `to_ns` is the one after it. Acks in between are
  // neither. Without this call no ack is ever taken for one after the fault.
  void effect_seen(Mark mark, std::int64_t to_ns);
  [[nodiscard]] AcksAround around(Mark mark, std::size_t index) const;
  // By name; told from `from_ns` on and before `to_ns`, both good to `error_step_ns`.
  [[nodiscard]] std::map<std::string, std::uint64_t> errors(std::size_t index, std::int64_t from_ns,
                                                            std::int64_t to_ns) const;
  static constexpr std::int64_t error_step_ns = 10'000'000;
  // An ack that follows another so closely changes nothing: acks are known to this.
  static constexpr std::int64_t step_ns = 1'000'000;

  [[nodiscard]] std::int64_t last_ack_ns(std::size_t index) const;  // 0: none yet
  [[nodiscard]] const std::vector<TopicPartition>& partitions() const { return partitions_; }

  struct Span {
    std::size_t index = 0;
    std::int64_t from_ns = 0, to_ns = 0;
  };
  struct ErrorCount {
    std::size_t index = 0;
    std::string name;
    std::int64_t step = 0;  // time of it / error_step_ns
    std::uint64_t count = 0;
  };
  // What this process has found since the last call; and the same, found by another one.
  struct News {
    std::vector<Span> spans;
    std::vector<ErrorCount> errors;
    [[nodiscard]] bool empty() const { return spans.empty() && errors.empty(); }
  };
  [[nodiscard]] News take_news();
  void add(const News& news);

  // Spans so far, in order of their begin; a partition that still waits at `until_ns` has one up to
  // then.
  [[nodiscard]] std::vector<Unavailability> spans(std::int64_t until_ns) const;

 private:
  // In memory that processes share.
  struct Cell {
    std::atomic<std::int64_t> last_ack_ns{0};
    std::atomic<std::int64_t> waiting_since_ns{INT64_MAX};  // oldest message that was not acked
    std::atomic<std::size_t> marks_done{0};  // of the first so many marks all acks are known
  };
  struct MarkState {
    std::atomic<std::int64_t> from_ns{0};
    std::atomic<std::int64_t> to_ns{INT64_MAX};
  };
  struct MarkAcks {
    std::atomic<std::int64_t> last_before_ns{0}, first_after_ns{0};  // 0: none
  };
  using Errors = std::map<std::string, std::map<std::int64_t, std::uint64_t>>;  // by name and step

  void note_marks(std::size_t index, std::int64_t done_ns);
  [[nodiscard]] MarkAcks& acks(std::size_t mark, std::size_t index) const {
    return mark_acks_[mark * partitions_.size() + index];
  }

  std::vector<TopicPartition> partitions_;
  std::int64_t least_ns_;
  SharedMemory own_;  // unless the memory is others'
  std::atomic<std::size_t>* marks_made_ = nullptr;
  Cell* cells_ = nullptr;
  MarkState* marks_ = nullptr;
  MarkAcks* mark_acks_ = nullptr;  // by mark and partition
  mutable std::mutex mutex_;       // guards the following, which are this process's
  std::vector<Span> spans_;
  std::vector<Errors> errors_;  // by partition
};

}  // namespace seatrial::measure
