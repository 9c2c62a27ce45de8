// Turns, takes, closes.
#include "workloads/open_loop.hpp"

#include <algorithm>
#include <utility>

#include "measure/recorder.hpp"
#include "workloads/lane_books.hpp"

namespace seatrial::workloads {
namespace {

constexpr auto stop_grace = seconds(10);  // for deliveries, if nobody has set a budget for them

std::uint64_t share_of(std::uint64_t count, int index, int lanes) {
  const auto parts = static_cast<std::uint64_t>(lanes);
  return count / parts + (static_cast<std::uint64_t>(index) < count % parts ? 1 : 0);
}

}  // namespace

OpenLoop::OpenLoop(const Intent& intent, const LaneContext& lane) : intent_(intent), lane_(lane) {
  if (intent.count > 0) limit_ = share_of(intent.count, lane.index, lane.lanes);
}

void OpenLoop::start() {
  if (intent_.rate.unlimited) return;
  for (auto* pacer : {&pacer_, &scout_}) {
    pacer->emplace(intent_.rate, intent_.arrivals, lane_.index, lane_.lanes, lane_.clock->start_ns,
                   lane_.seed);
  }
}

std::int64_t OpenLoop::due_ns(std::uint64_t count, std::int64_t before_ns) {
  const std::uint64_t last = pacer_->taken() + count - 1;
  if (scout_->taken() > last) return pacer_->next_ns();
  while (scout_->taken() < last && scout_->next_ns() < before_ns) scout_->advance();
  return std::min(scout_->next_ns(), before_ns);
}

void OpenLoop::turn(const std::stop_token& stop, std::int64_t now_ns) {
  if (stopped_ns_ == 0 && stop.stop_requested()) {
    stopped_ns_ = now_ns;
  }
  // The end is known only once measure has begun.
  until_ns_ = lane_.clock->intend_until_ns.load(std::memory_order_relaxed);
  if (stopped_ns_ != 0) until_ns_ = std::min(until_ns_, stopped_ns_);
  const std::int64_t since_ns = std::exchange(blocked_since_ns_, 0);
  if (since_ns != 0) backpressure_ns_ += static_cast<std::uint64_t>(now_ns - since_ns);
}

std::int64_t OpenLoop::last_due_ns(std::int64_t within_ns) {
  const std::int64_t until_ns = pacer_->next_ns() + within_ns;
  for (; scout_->next_ns() <= until_ns; scout_->advance()) scouted_ns_ = scout_->next_ns();
  return scouted_ns_;
}

std::size_t OpenLoop::take_due(std::size_t most, std::int64_t now_ns,
                               std::vector<std::int64_t>& intended) {
  most = std::min<std::uint64_t>(most, left());
  std::size_t n = 0;
  if (!pacer_) {
    n = now_ns < until_ns_ ? most : 0;
    intended.resize(intended.size() + n, now_ns);
  } else {
    const std::int64_t end_ns = std::min(now_ns + 1, until_ns_);
    for (; n < most && pacer_->next_ns() < end_ns; ++n) {
      intended.push_back(pacer_->next_ns());
      pacer_->advance();
    }
  }
  taken_ += n;
  return n;
}

std::int64_t OpenLoop::settle_until_ns() const {
  const std::int64_t until_ns = lane_.clock->settle_until_ns.load(std::memory_order_relaxed);
  if (stopped_ns_ == 0 || until_ns != INT64_MAX) return until_ns;
  return stopped_ns_ + nanoseconds(stop_grace).count();
}

void OpenLoop::close(std::int64_t now_ns, LaneReport& report) {
  bool first = true;  // which stands for all
  each_left(now_ns, [&](std::int64_t intended_ns) {
    if (std::exchange(first, false)) waited_where_in_use(lane_, intended_ns);
    lane_.recorder->intended(intended_ns);
    lane_.recorder->censored(intended_ns, 0, now_ns);
    ++report.unsent;
  });
  report.intended = taken_ + passed_;
}

}  // namespace seatrial::workloads
