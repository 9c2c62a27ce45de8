// When partitions could not be written: spans in which a message was due and none was acked. Shared
// by the lanes of a trial; a few loads per ack, an atomic exchange each millisecond, a lock only
// when a span is long enough to be kept.
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

namespace seatrial::measure {

// The acks of one partition around a fault. Epoch: there was none.
struct AcksAround {
  Instant last_before{};
  Instant first_after{};
};

class Availability {
 public:
  using Mark = std::size_t;

  // Spans below `least_ns` are not kept: they are latency, not unavailability.
  Availability(std::vector<TopicPartition> partitions, std::int64_t least_ns = 100'000'000);

  // `index`: position in the constructor's list. Any lane's thread.
  void acked(std::size_t index, std::int64_t intended_ns, std::int64_t done_ns);
  void not_acked(std::size_t index,
                 std::int64_t intended_ns);  // failed or never resolved: still waiting

  // Counts an error that a client was told, at the time it was told, for so many messages.
  void error(std::size_t index, const std::string& name, std::int64_t at_ns,
             std::uint64_t messages = 1);

  // A fault begins: what was acked until `from_ns` came before it. Any thread.
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

  // Spans so far, in order of their begin; a partition that still waits at `until_ns` has one up to
  // then.
  [[nodiscard]] std::vector<Unavailability> spans(std::int64_t until_ns) const;

 private:
  struct Cell {
    std::atomic<std::int64_t> last_ack_ns{0};
    std::atomic<std::int64_t> waiting_since_ns{INT64_MAX};  // oldest message that was not acked
    std::atomic<std::size_t> marks_done{0};  // of the first so many marks all acks are known
    std::map<std::string, std::map<std::int64_t, std::uint64_t>> errors;  // by name and step
  };
  struct MarkState {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = INT64_MAX;
    std::vector<std::int64_t> last_before_ns, first_after_ns;  // by partition; 0: none
  };
  struct Span {
    std::size_t index;
    std::int64_t from_ns, to_ns;
  };

  void note_marks(std::size_t index, std::int64_t done_ns);

  std::vector<TopicPartition> partitions_;
  std::unique_ptr<Cell[]> cells_;
  std::int64_t least_ns_;
  std::atomic<std::size_t> marks_made_{0};
  mutable std::mutex mutex_;  // guards the following, and the cells' errors
  std::vector<Span> spans_;
  std::vector<MarkState> marks_;
};

}  // namespace seatrial::measure
