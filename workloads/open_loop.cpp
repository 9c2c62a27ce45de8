// Implements workloads/open_loop.hpp.
#include "workloads/open_loop.hpp"

#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::workloads {
namespace {

constexpr auto stop_grace = seconds(10);  // for deliveries, if nobody has set a budget for them

// The first of the messages that fell due and got no partition any more: it waited on one of those
// that this lane uses. Another lane's acks, where there are any, show that it did not wait in vain.
void never_drawn(const LaneContext& lane, std::int64_t intended_ns) {
  if (lane.availability == nullptr) return;
  for (int partition = 0; partition < lane.partitions; ++partition) {
    const std::size_t cell = lane.first_partition + static_cast<std::size_t>(partition);
    if (lane.availability->last_ack_ns(cell) == 0) continue;
    lane.availability->not_acked(cell, intended_ns);
  }
}

}  // namespace

std::uint64_t share_of(std::uint64_t count, int index, int lanes) {
  const auto parts = static_cast<std::uint64_t>(lanes);
  return count / parts + (static_cast<std::uint64_t>(index) < count % parts ? 1 : 0);
}

std::int64_t settle_until_ns(const TrialClock& clock, std::int64_t stopped_ns) {
  const std::int64_t until_ns = clock.settle_until_ns.load(std::memory_order_relaxed);
  if (stopped_ns == 0 || until_ns != INT64_MAX) return until_ns;
  return stopped_ns + nanoseconds(stop_grace).count();
}

void close_schedule(std::optional<measure::Pacer>& pacer, std::int64_t until_ns,
                    std::uint64_t limit, std::int64_t now_ns, const LaneContext& lane,
                    LaneReport& report) {
  if (!pacer || report.intended >= limit || pacer->next_ns() >= until_ns) return;
  never_drawn(lane, pacer->next_ns());
  while (report.intended < limit && pacer->next_ns() < until_ns) {
    lane.recorder->intended(pacer->next_ns());
    lane.recorder->censored(pacer->next_ns(), 0, now_ns);
    pacer->advance();
    ++report.intended;
    ++report.unsent;
  }
}

}  // namespace seatrial::workloads
