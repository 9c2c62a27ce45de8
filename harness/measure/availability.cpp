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
  if (cell.marks_done.load(relaxed) != marks_made_.load(relaxed)) note_marks(index, done_ns);
  std::int64_t last = cell.last_ack_ns.load(relaxed);
  // Most acks end here, a few loads dear: nothing was waited for that is worth a span.
  if (done_ns - last < step_ns && cell.waiting_since_ns.load(relaxed) == INT64_MAX) return;
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

void Availability::error(std::size_t index, const std::string& name, std::int64_t at_ns,
                         std::uint64_t messages) {
  const std::lock_guard lock(mutex_);
  cells_[index].errors[name][at_ns / error_step_ns] += messages;
}

Availability::Mark Availability::mark(std::int64_t from_ns) {
  const std::lock_guard lock(mutex_);
  MarkState made{.from_ns = from_ns,
                 .last_before_ns = std::vector<std::int64_t>(partitions_.size()),
                 .first_after_ns = std::vector<std::int64_t>(partitions_.size())};
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const std::int64_t last = cells_[i].last_ack_ns.load(relaxed);
    if (last <= from_ns) made.last_before_ns[i] = last;
  }
  marks_.push_back(std::move(made));
  marks_made_.store(marks_.size(), relaxed);
  return marks_.size() - 1;
}

void Availability::effect_seen(Mark mark, std::int64_t to_ns) {
  const std::lock_guard lock(mutex_);
  marks_[mark].to_ns = to_ns;
}

void Availability::note_marks(std::size_t index, std::int64_t done_ns) {
  const std::lock_guard lock(mutex_);
  std::size_t done = cells_[index].marks_done.load(relaxed);
  bool gapless = true;
  for (std::size_t m = done; m < marks_.size(); ++m) {
    MarkState& mark = marks_[m];
    std::int64_t& before = mark.last_before_ns[index];
    std::int64_t& after = mark.first_after_ns[index];
    if (done_ns <= mark.from_ns) before = std::max(before, done_ns);
    else if (done_ns > mark.to_ns && after == 0) after = done_ns;
    gapless = gapless && after != 0;
    if (gapless) done = m + 1;
  }
  cells_[index].marks_done.store(done, relaxed);
}

AcksAround Availability::around(Mark mark, std::size_t index) const {
  const std::lock_guard lock(mutex_);
  const MarkState& found = marks_[mark];
  return {.last_before = from_ns(found.last_before_ns[index]),
          .first_after = from_ns(found.first_after_ns[index])};
}

std::map<std::string, std::uint64_t> Availability::errors(std::size_t index, std::int64_t from_ns,
                                                          std::int64_t to_ns) const {
  std::map<std::string, std::uint64_t> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, steps] : cells_[index].errors) {
    const auto last = steps.lower_bound(to_ns / error_step_ns + 1);
    for (auto at = steps.lower_bound(from_ns / error_step_ns); at != last; ++at) {
      out[name] += at->second;
    }
  }
  return out;
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
