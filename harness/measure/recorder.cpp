// The seldom part of recording: opening seconds, handing them over, and adding them up.
#include "measure/recorder.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
// Intervals kept for a lane; more were open only because answers were long in coming.
constexpr std::size_t most_spares = 16;

std::int64_t whole_seconds_down(std::int64_t ns) {
  return ns / second_ns - (ns % second_ns < 0 ? 1 : 0);
}

}  // namespace

void SecondDelta::add(const SecondDelta& other) {
  intended += other.intended;
  acked += other.acked;
  failed += other.failed;
  unknown += other.unknown;
  consumed += other.consumed;
  done_acked += other.done_acked;
  done_consumed += other.done_consumed;
  for (int m = 0; m < metric_count; ++m) {
    if (!other.latency[m]) continue;
    if (latency[m]) {
      latency[m]->add(*other.latency[m]);
    } else {
      latency[m] = std::make_unique<Histogram>(*other.latency[m]);
    }
  }
}

void LaneRecorder::Open::clear() {
  counts = {};
  censored = 0;
  for (auto& interval : latency) interval.clear();
}

LaneRecorder::LaneRecorder(std::int64_t origin_ns)
    : origin_ns_(origin_ns), totals_{empty_total(), empty_total(), empty_total(), empty_total()} {}

LaneRecorder::LaneRecorder(std::int64_t measure_ns, std::int64_t measure_end_ns)
    : LaneRecorder(measure_ns) {
  set_measure(measure_ns, measure_end_ns);
}

LaneRecorder::~LaneRecorder() = default;

void LaneRecorder::set_origin(std::int64_t origin_ns) {
  check(open_.empty(), "the origin is set before the first sample");
  origin_ns_ = origin_ns;
  publish_at_ns_ = 0;
}

void LaneRecorder::set_measure(std::int64_t measure_ns, std::int64_t measure_end_ns) {
  check(measure_ns <= measure_end_ns, "the measure phase does not end before it starts");
  check((measure_ns - origin_ns_) % second_ns == 0, "measure begins with a second");
  measure_end_ns_ = measure_end_ns;
  measure_ns_ = measure_ns;
}

// The interval of that moment. Where measure ends within a second there are two of that second, so
// that each lies in the measure phase as a whole or not at all.
LaneRecorder::Open& LaneRecorder::find(std::int64_t at_ns) {
  for (const auto& open : open_) {
    if (static_cast<std::uint64_t>(elapsed(open->from_ns, at_ns)) < open->length_ns) return *open;
  }
  const std::int64_t second = whole_seconds_down(elapsed(origin_ns_, at_ns));
  std::uint64_t from = static_cast<std::uint64_t>(origin_ns_) +
                       static_cast<std::uint64_t>(second) * static_cast<std::uint64_t>(second_ns);
  auto length = static_cast<std::uint64_t>(second_ns);
  const std::int64_t measure_end_ns = measure_end_ns_;
  const bool in_measure = at_ns >= measure_ns_ && at_ns < measure_end_ns;
  const std::uint64_t to_end = static_cast<std::uint64_t>(measure_end_ns) - from;
  if (to_end > 0 && to_end < length) {
    if (!in_measure) from += to_end;
    length = in_measure ? to_end : length - to_end;
  }
  if (spare_.empty()) spare_.push_back(std::make_unique<Open>());
  open_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  Open& made = *open_.back();
  made.from_ns = static_cast<std::int64_t>(from);
  made.length_ns = length;
  made.in_measure = in_measure;
  made.counts.second = second;
  return made;
}

// What is known of a message without an answer: its age. Never sent: it is late by all of it.
void LaneRecorder::record_age(Open& due, std::int64_t intended_ns, std::int64_t sent_ns,
                              std::int64_t now_ns) {
  ++due.censored;
  due.of(Metric::response).record(elapsed(intended_ns, now_ns));
  const bool was_sent = sent_ns != 0;
  due.of(Metric::lateness).record(elapsed(intended_ns, was_sent ? sent_ns : now_ns));
  if (overrun_ != nullptr && !was_sent) overran(intended_ns, elapsed(intended_ns, now_ns));
  if (was_sent) due.of(Metric::service).record(elapsed(sent_ns, now_ns));
}

void LaneRecorder::failed(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns) {
  Open& due = due_in(intended_ns);
  ++due.counts.failed;
  record_age(due, intended_ns, sent_ns, done_ns);
}

void LaneRecorder::censored(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t now_ns) {
  Open& due = due_in(intended_ns);
  if (sent_ns != 0) ++due.counts.unknown;
  record_age(due, intended_ns, sent_ns, now_ns);
}

// Calls visit(interval, part) for the parts of the times that lie in one interval.
template <class Visitor>
void LaneRecorder::each_part(std::span<const std::int64_t> intended_ns, Visitor&& visit) {
  while (!intended_ns.empty()) {
    Open& due = due_in(intended_ns.front());
    const auto outside = [&](std::int64_t at_ns) {
      return static_cast<std::uint64_t>(elapsed(due.from_ns, at_ns)) >= due.length_ns;
    };
    std::size_t n = intended_ns.size();
    if (outside(intended_ns.back())) {
      n = static_cast<std::size_t>(std::ranges::find_if(intended_ns, outside) -
                                   intended_ns.begin());
    }
    visit(due, intended_ns.first(n));
    intended_ns = intended_ns.subspan(n);
  }
}

void LaneRecorder::intended_run(std::span<const std::int64_t> intended_ns) {
  each_part(intended_ns, [](Open& due, auto part) { due.counts.intended += part.size(); });
}

void LaneRecorder::acked_run(std::span<const std::int64_t> intended_ns, const RunSent& sent,
                             std::int64_t done_ns) {
  done_in(done_ns).counts.done_acked += intended_ns.size();
  // Sent at one moment, the messages have one service time; late by as much, one lateness.
  const bool at_once = sent.at_ns != 0;
  const std::int64_t shared = at_once ? elapsed(sent.at_ns, done_ns) : sent.late_ns;
  const std::int64_t until_ns = at_once ? sent.at_ns : elapsed(sent.late_ns, done_ns);
  each_part(intended_ns, [&](Open& due, auto part) {
    due.counts.acked += part.size();
    due.of(at_once ? Metric::service : Metric::lateness)
        .record_n(shared, static_cast<std::uint32_t>(part.size()));
    IntervalHistogram& response = due.of(Metric::response);
    IntervalHistogram& other = due.of(at_once ? Metric::lateness : Metric::service);
    for (const std::int64_t at_ns : part) {
      response.record(elapsed(at_ns, done_ns));
      other.record(elapsed(at_ns, until_ns));
    }
  });
}

void LaneRecorder::sent_run(std::span<const std::int64_t> intended_ns, const RunSent& sent) {
  each_part(intended_ns, [&](Open& due, auto part) {
    IntervalHistogram& lateness = due.of(Metric::lateness);
    for (const std::int64_t at_ns : part) lateness.record(elapsed(at_ns, sent.of(at_ns)));
  });
}

// Just after a second of the trial ends, so that most seconds travel once and whole.
void LaneRecorder::publish_at(std::int64_t now_ns) {
  const std::int64_t second = whole_seconds_down(elapsed(origin_ns_, now_ns));
  publish_at_ns_ = origin_ns_ + (second + 1) * second_ns;
  publish();
}

void LaneRecorder::publish() {
  last_due_ = &none_;
  last_done_ = &none_;
  const std::lock_guard lock(mutex_);
  std::move(open_.begin(), open_.end(), std::back_inserter(outbox_));
  open_.clear();
  std::move(returned_.begin(), returned_.end(), std::back_inserter(spare_));
  returned_.clear();
}

std::vector<SecondDelta> LaneRecorder::drain() {
  Batch taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(outbox_);
  }
  std::vector<SecondDelta> deltas(taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    Open& from = *taken[i];
    static_cast<SecondCounts&>(deltas[i]) = from.counts;
    if (from.in_measure) censored_ += from.censored;
    for (std::size_t m = 0; m < metric_count; ++m) {
      const IntervalHistogram& interval = from.latency[m];
      impossible_ += interval.impossible();
      if (interval.empty()) continue;
      if (from.in_measure) interval.add_to(totals_[m]);
      deltas[i].latency[m] = std::make_unique<Histogram>(Histogram::coarse());
      interval.add_to(*deltas[i].latency[m]);
    }
    from.clear();
  }
  if (taken.size() > most_spares) taken.resize(most_spares);
  const std::lock_guard lock(mutex_);
  std::move(taken_over_.begin(), taken_over_.end(), std::back_inserter(deltas));
  taken_over_.clear();
  if (returned_.size() < most_spares) {
    std::move(taken.begin(), taken.end(), std::back_inserter(returned_));
  }
  return deltas;
}

void LaneRecorder::add(std::vector<SecondDelta> seconds) {
  const std::lock_guard lock(mutex_);
  std::move(seconds.begin(), seconds.end(), std::back_inserter(taken_over_));
}

void LaneRecorder::add_total(Metric metric, const Histogram& total) {
  totals_[static_cast<std::size_t>(metric)].add(total);
}

void LaneRecorder::add_overrun(const Histogram& overrun) {
  if (overrun_ == nullptr) plan_handovers();
  overrun_->add(overrun);
}

void LaneRecorder::add_counts(std::uint64_t censored, std::uint64_t impossible) {
  censored_ += censored;
  impossible_ += impossible;
}

// What was not drained yet.
template <class Visitor>
void LaneRecorder::each_unfolded(Visitor&& visit) const {
  for (const Batch* batch : {&outbox_, &open_}) {
    for (const auto& open : *batch) visit(*open);
  }
}

Histogram LaneRecorder::total(Metric metric) const {
  const auto m = static_cast<std::size_t>(metric);
  Histogram sum = totals_[m];
  each_unfolded([&](const Open& open) {
    if (open.in_measure) open.latency[m].add_to(sum);
  });
  return sum;
}

Histogram LaneRecorder::overrun() const {
  return overrun_ != nullptr ? *overrun_ : total(Metric::lateness);
}

std::uint64_t LaneRecorder::censored_count() const {
  std::uint64_t count = censored_;
  each_unfolded([&](const Open& open) { count += open.in_measure ? open.censored : 0; });
  return count;
}

std::uint64_t LaneRecorder::impossible_count() const {
  std::uint64_t count = impossible_;
  each_unfolded([&](const Open& open) {
    for (const auto& interval : open.latency) count += interval.impossible();
  });
  return count;
}

}  // namespace seatrial::measure
