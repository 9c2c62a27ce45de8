// Streaming spans without acks, per partition.
#include "measure/availability.hpp"

#include <algorithm>

#include <new>
#include <utility>

#include "core/check.hpp"
#include "core/time.hpp"

namespace seatrial::measure {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void raise_to(std::atomic<std::int64_t>& cell, std::int64_t value) {
  std::int64_t seen = cell.load(relaxed);
  while (value > seen && !cell.compare_exchange_weak(seen, value, relaxed)) {
  }
}

void lower_to(std::atomic<std::int64_t>& cell, std::int64_t value) {
  std::int64_t seen = cell.load(relaxed);
  while (value < seen && !cell.compare_exchange_weak(seen, value, relaxed)) {
  }
}

}  // namespace

Availability::Availability(std::vector<TopicPartition> partitions, std::int64_t least_ns)
    : Availability(std::move(partitions), nullptr, Memory::fresh, least_ns) {}

// The layout: the number of marks, a cell for each partition, the marks, and their acks by
// partition.
Availability::Availability(std::vector<TopicPartition> partitions, std::byte* memory, Memory state,
                           std::int64_t least_ns)
    : partitions_(std::move(partitions)), least_ns_(least_ns), errors_(partitions_.size()) {
  const std::size_t count = partitions_.size();
  if (memory == nullptr) {
    own_ = SharedMemory::make(shared_bytes(count), "the memory of acks");
    memory = own_.data();
  }
  marks_made_ = reinterpret_cast<std::atomic<std::size_t>*>(memory);
  cells_ = reinterpret_cast<Cell*>(marks_made_ + 1);
  marks_ = reinterpret_cast<MarkState*>(cells_ + count);
  mark_acks_ = reinterpret_cast<MarkAcks*>(marks_ + most_marks);
  if (state == Memory::begun) return;
  // Acks of marks need nothing of the kind: fresh memory is zeros, and writing costs some.
  new (marks_made_) std::atomic<std::size_t>(0);
  for (std::size_t i = 0; i < count; ++i) new (cells_ + i) Cell;
  for (std::size_t i = 0; i < most_marks; ++i) new (marks_ + i) MarkState;
}

std::size_t Availability::shared_bytes(std::size_t partitions) {
  return sizeof(std::atomic<std::size_t>) + partitions * sizeof(Cell) +
         most_marks * (sizeof(MarkState) + partitions * sizeof(MarkAcks));
}

void Availability::acked(std::size_t index, std::int64_t intended_ns, std::int64_t done_ns) {
  Cell& cell = cells_[index];
  if (cell.marks_done.load(relaxed) != marks_made_->load(relaxed)) note_marks(index, done_ns);
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
  errors_[index][name][at_ns / error_step_ns] += messages;
}

Availability::Mark Availability::mark(std::int64_t from_ns) {
  const std::lock_guard lock(mutex_);
  const Mark made = marks_made_->load(relaxed);
  check(made < most_marks, "a trial has no more faults than acks are kept around");
  marks_[made].from_ns.store(from_ns, relaxed);
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const std::int64_t last = cells_[i].last_ack_ns.load(relaxed);
    if (last != 0 && last <= from_ns) acks(made, i).last_before_ns.store(last, relaxed);
  }
  marks_made_->store(made + 1, std::memory_order_release);
  return made;
}

void Availability::effect_seen(Mark mark, std::int64_t to_ns) {
  marks_[mark].to_ns.store(to_ns, relaxed);
}

void Availability::note_marks(std::size_t index, std::int64_t done_ns) {
  const std::size_t made = marks_made_->load(std::memory_order_acquire);
  std::size_t done = cells_[index].marks_done.load(relaxed);
  bool gapless = true;
  for (std::size_t m = done; m < made; ++m) {
    MarkAcks& known = acks(m, index);
    if (done_ns <= marks_[m].from_ns.load(relaxed)) {
      raise_to(known.last_before_ns, done_ns);
    } else if (done_ns > marks_[m].to_ns.load(relaxed)) {
      std::int64_t none = 0;
      known.first_after_ns.compare_exchange_strong(none, done_ns, relaxed);
    }
    gapless = gapless && known.first_after_ns.load(relaxed) != 0;
    if (gapless) done = m + 1;
  }
  cells_[index].marks_done.store(done, relaxed);
}

AcksAround Availability::around(Mark mark, std::size_t index) const {
  const MarkAcks& known = acks(mark, index);
  return {.last_before = from_ns(known.last_before_ns.load(relaxed)),
          .first_after = from_ns(known.first_after_ns.load(relaxed))};
}

Availability::News Availability::take_news() {
  const std::lock_guard lock(mutex_);
  News out{.spans = std::exchange(spans_, {}), .errors = {}};
  for (std::size_t i = 0; i < errors_.size(); ++i) {
    for (const auto& [name, steps] : std::exchange(errors_[i], {})) {
      for (const auto& [step, count] : steps) out.errors.push_back({i, name, step, count});
    }
  }
  return out;
}

void Availability::add(const News& news) {
  const std::lock_guard lock(mutex_);
  spans_.insert(spans_.end(), news.spans.begin(), news.spans.end());
  for (const auto& error : news.errors) errors_[error.index][error.name][error.step] += error.count;
}

std::map<std::string, std::uint64_t> Availability::errors(std::size_t index, std::int64_t from_ns,
                                                          std::int64_t to_ns) const {
  std::map<std::string, std::uint64_t> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, steps] : errors_[index]) {
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
