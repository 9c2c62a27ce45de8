// When partitions could not be written: spans in which a message was due and none was acked. Shared
// by the lanes of a trial; one atomic exchange per ack, a lock only when a span is long enough to
// be kept.
//
// A span begins at the last ack or, if later, at the intended time of the oldest message that has
// waited since, and ends with the next ack. Lanes settle in batches, so a span's ends are good to a
// few ms.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/history.hpp"

namespace seatrial::measure {

class Availability {
 public:
  // Spans below `least_ns` are not kept: they are latency, not unavailability.
  Availability(std::vector<TopicPartition> partitions, std::int64_t least_ns = 100'000'000);

  // `index`: position in the constructor's list. Any lane's thread.
  void acked(std::size_t index, std::int64_t intended_ns, std::int64_t done_ns);
  void not_acked(std::size_t index,
                 std::int64_t intended_ns);  // failed or never resolved: still waiting

  [[nodiscard]] std::int64_t last_ack_ns(std::size_t index) const;  // 0: none yet
  [[nodiscard]] const std::vector<TopicPartition>& partitions() const { return partitions_; }

  // Spans so far, in order of their begin; a partition that still waits at `until_ns` has one up to
  // then.
  [[nodiscard]] std::vector<Unavailability> spans(std::int64_t until_ns) const;

 private:
  struct Cell {
    std::atomic<std::int64_t> last_ack_ns{0};
    std::atomic<std::int64_t> waiting_since_ns{INT64_MAX};  // oldest message that was not acked
  };
  struct Span {
    std::size_t index;
    std::int64_t from_ns, to_ns;
  };

  std::vector<TopicPartition> partitions_;
  std::unique_ptr<Cell[]> cells_;
  std::int64_t least_ns_;
  mutable std::mutex mutex_;
  std::vector<Span> spans_;
};

}  // namespace seatrial::measure
