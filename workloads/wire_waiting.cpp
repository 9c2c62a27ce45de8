// Runs of messages by the end of their linger.
#include "workloads/wire_waiting.hpp"

#include <algorithm>

namespace seatrial::workloads {
namespace {

constexpr std::int64_t shortest_nap_ns = 50'000;  // below it, waking costs more than it gains

}  // namespace

void Waiting::took(std::size_t messages, std::int64_t now_ns) {
  for (auto left = std::span(intended_ns).last(messages); !left.empty();) {
    if (pending_ == runs_.size() || left.front() > runs_.back().leaves_ns) {
      begin_run(left.front(), now_ns);
    }
    Run& run = runs_.back();
    const auto end = std::ranges::upper_bound(left, run.leaves_ns);
    const auto n = static_cast<std::size_t>(end - left.begin());
    run.messages += n;
    left = left.subspan(n);
  }
}

// A latecomer leaves by plan with those whose linger it falls into, if they have not left.
void Waiting::begin_run(std::int64_t first_ns, std::int64_t now_ns) {
  std::int64_t leaves_ns = linger_ns_ == 0 ? now_ns : first_ns + linger_ns_;
  if (linger_ns_ > 0 && first_ < runs_.size() && first_ns <= runs_.back().leaves_ns) {
    leaves_ns = runs_.back().leaves_ns;
  }
  runs_.push_back({.taken_ns = now_ns, .leaves_ns = leaves_ns});
}

std::int64_t Waiting::next_ns() const {
  return pending_ < runs_.size() ? runs_[pending_].leaves_ns : INT64_MAX;
}

void Waiting::come_to(std::int64_t now_ns) {
  for (; pending_ < runs_.size() && runs_[pending_].leaves_ns <= now_ns; ++pending_) {
    runs_[pending_].late_ns = now_ns - runs_[pending_].leaves_ns;
  }
}

void Waiting::move_to(WireBatch& batch, std::size_t messages, std::int64_t late_ns) {
  const auto from = intended_ns.begin() + static_cast<std::ptrdiff_t>(begin_);
  batch.intended_ns.assign(from, from + static_cast<std::ptrdiff_t>(messages));
  batch.taken.clear();
  for (std::size_t left = messages; left > 0;) {
    Run& next = runs_[first_];
    const std::size_t n = std::min(left, next.messages);
    const measure::RunSent sent =
        linger_ns_ == 0 ? measure::RunSent{.at_ns = next.taken_ns}
                        : measure::RunSent{.late_ns = std::max(next.late_ns, late_ns)};
    batch.taken.push_back({.messages = n, .sent = sent});
    next.messages -= n;
    left -= n;
    if (next.messages == 0) ++first_;
  }
  pending_ = std::max(pending_, first_);
}

// The front is only cut off when that is cheap, so that a long queue is not moved again and again.
void Waiting::drop(std::size_t messages) {
  begin_ += messages;
  if (2 * begin_ < intended_ns.size()) return;
  const auto cut = static_cast<std::ptrdiff_t>(begin_);
  intended_ns.erase(intended_ns.begin(), intended_ns.begin() + cut);
  if (!shapes.empty()) shapes.erase(shapes.begin(), shapes.begin() + cut);
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(first_));
  pending_ -= first_;
  begin_ = first_ = 0;
}

std::int64_t wake_ns(OpenLoop& loop, std::int64_t linger_ns, const Ahead& ahead,
                     std::int64_t now_ns) {
  const std::int64_t at_ns = std::min(ahead.no_later_ns, ahead.leaves_ns);
  if (loop.blocked() || !loop.intending(now_ns)) return at_ns;
  std::int64_t next_ns = loop.next_ns(now_ns);
  if (next_ns <= now_ns) return now_ns;
  if (linger_ns > 0) {
    // The queue may be full before the batch is.
    next_ns = loop.due_ns(std::min<std::uint64_t>(ahead.missing, ahead.room + 1),
                          std::min(at_ns, next_ns + linger_ns));
  }
  return std::min(at_ns, std::max(next_ns, now_ns + shortest_nap_ns));
}

}  // namespace seatrial::workloads
