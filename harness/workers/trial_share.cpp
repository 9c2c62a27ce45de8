// The layout: the clock, counters by lane, conduct by lane, each on cache lines of its own, and the
// memory of acks.
#include "workers/trial_share.hpp"

#include <new>

#include "core/check.hpp"
#include "measure/availability.hpp"

namespace seatrial::workers {
namespace {

constexpr std::size_t line = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + line - 1) / line * line; }
constexpr std::size_t clock_bytes = aligned(sizeof(TrialClock));
constexpr std::size_t counter_bytes = aligned(sizeof(LaneCounters));
constexpr std::size_t conduct_bytes = aligned(sizeof(ClientConduct));

static_assert(std::atomic<std::int64_t>::is_always_lock_free, "shared between processes");

std::size_t bytes_of(const TrialShape& shape) {
  return clock_bytes + shape.lanes * (counter_bytes + conduct_bytes) +
         measure::Availability::shared_bytes(shape.partitions);
}

constexpr const char* purpose = "the memory that lanes share";

}  // namespace

TrialShare::TrialShare(const TrialShape& shape)
    : shape_(shape), memory_(SharedMemory::make(bytes_of(shape), purpose)) {
  new (memory_.data()) TrialClock;
  for (std::size_t i = 0; i < shape.lanes; ++i) {
    new (memory_.data() + clock_bytes + i * counter_bytes) LaneCounters;
    new (memory_.data() + clock_bytes + shape.lanes * counter_bytes + i * conduct_bytes)
        ClientConduct;
  }
}

TrialShare::TrialShare(const TrialShape& shape, int descriptor)
    : shape_(shape), memory_(SharedMemory::attach(descriptor, bytes_of(shape), purpose)) {}

TrialClock& TrialShare::clock() const {
  return *std::launder(reinterpret_cast<TrialClock*>(memory_.data()));
}

LaneCounters& TrialShare::counters(std::size_t lane) const {
  check(lane < shape_.lanes, "a lane that the trial has");
  return *std::launder(
      reinterpret_cast<LaneCounters*>(memory_.data() + clock_bytes + lane * counter_bytes));
}

ClientConduct& TrialShare::conduct(std::size_t lane) const {
  check(lane < shape_.lanes, "a lane that the trial has");
  return *std::launder(reinterpret_cast<ClientConduct*>(
      memory_.data() + clock_bytes + shape_.lanes * counter_bytes + lane * conduct_bytes));
}

std::byte* TrialShare::acks() const {
  return memory_.data() + clock_bytes + shape_.lanes * (counter_bytes + conduct_bytes);
}

}  // namespace seatrial::workers
