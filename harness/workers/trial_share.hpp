// What the lanes of a trial share with the harness, whatever process they live in: the clock, each
// lane's counters and conduct, and the partitions' acks; one piece of memory, mapped by all (the
// ledger is another). All of it is atomics or, of the clock's start, set before lanes go.
#pragma once

#include <cstddef>

#include "client/workload.hpp"
#include "core/shared_memory.hpp"

namespace seatrial::workers {

struct TrialShape {
  std::size_t lanes = 0;
  std::size_t partitions = 0;  // of all topics
};

class TrialShare {
 public:
  explicit TrialShare(const TrialShape& shape);
  // Another process's, by its descriptor, which this takes over.
  TrialShare(const TrialShape& shape, int descriptor);

  [[nodiscard]] TrialClock& clock() const;
  [[nodiscard]] LaneCounters& counters(std::size_t lane) const;
  [[nodiscard]] ClientConduct& conduct(std::size_t lane) const;
  // Of measure::Availability::shared_bytes.
  [[nodiscard]] std::byte* acks() const;
  [[nodiscard]] int descriptor() const { return memory_.descriptor(); }

 private:
  TrialShape shape_;
  SharedMemory memory_;
};

}  // namespace seatrial::workers
