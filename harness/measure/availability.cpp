// Streaming spans without acks, per partition.
#include "measure/availability.hpp"

#include <algorithm>

#include "core/time.hpp"

namespace seatrial::measure {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void lower_to(std::atomic<std::int64_t>& cell, std::int64_t value) {
  std::int64_t seen = cell.load(relaxed);
  while (value < seen && !cell.compare_exchange_weak(seen, value, relaxed)) {
  }
}

}  // namespace

Availability::Availability(std::vector<TopicPartition> partitions, std::int64_t least_ns)
    : partitions_(std::move(partitions)),
      cells_(std::make_unique<Cell[]>(partitions_.size())),
      least_ns_(least_ns) {}

void Availability::acked(std::size_t index, std::int64_t intended_ns, std::int64_t done_ns) {
  Cell& cell = cells_[index];
  std::int64_t last = cell.last_ack_ns.load(relaxed);
  while (last < done_ns && !cell.last_ack_ns.compare_exchange_weak(last, done_ns, relaxed)) {
  }
  if (last >= done_ns) return;  // another lane's ack was later: nothing ended here
  std::int64_t due = intended_ns;
  if (cell.waiting_since_ns.load(relaxed) != INT64_MAX) {
    due = std::min(due, cell.waiting_since_ns.exchange(INT64_MAX, relaxed));
  }
  const std::int64_t from = std::max(last, due);
  if (done_ns - from < least_ns_) return;
  const std::lock_guard lock(mutex_);
  spans_.push_back({index, from, done_ns});
}

void Availability::not_acked(std::size_t index, std::int64_t intended_ns) {
  lower_to(cells_[index].waiting_since_ns, intended_ns);
}

std::int64_t Availability::last_ack_ns(std::size_t index) const {
  return cells_[index].last_ack_ns.load(relaxed);
}

std::vector<Unavailability> Availability::spans(std::int64_t until_ns) const {
  std::vector<Unavailability> out;
  const std::lock_guard lock(mutex_);
  for (const Span& s : spans_) {
    out.push_back({partitions_[s.index], from_ns(s.from_ns), from_ns(s.to_ns)});
  }
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const std::int64_t due = cells_[i].waiting_since_ns.load(relaxed);
    if (due == INT64_MAX) continue;
    const std::int64_t from = std::max(due, cells_[i].last_ack_ns.load(relaxed));
    if (until_ns - from >= least_ns_) {
      out.push_back({partitions_[i], from_ns(from), from_ns(until_ns)});
    }
  }
  std::ranges::sort(out, {}, &Unavailability::from);
  return out;
}

}  // namespace seatrial::measure
