// The lane's side keeps its open seconds in a map and remembers the last one used, so that the
// usual sample costs two increments a metric and no search.
#include "measure/recorder.hpp"

#include <array>
#include <utility>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

// Wraps instead of overflowing: the intended time of a damaged message can be any number.
std::int64_t elapsed(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ns) -
                                   static_cast<std::uint64_t>(from_ns));
}

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

struct LaneRecorder::State {
  // The second that was used last; null: none is.
  struct Last {
    std::int64_t from_ns = 0;
    SecondDelta* delta = nullptr;
  };

  std::int64_t measure_ns = 0;
  std::int64_t measure_end_ns = 0;
  std::array<Histogram, metric_count> totals{Histogram::latency(), Histogram::latency(),
                                             Histogram::latency(), Histogram::latency()};
  std::map<std::int64_t, SecondDelta> open;  // its nodes stay where they are
  Last last_intended;  // acks arrive later than they were intended: the two differ under load
  Last last_done;
  std::uint64_t censored = 0;
  std::uint64_t impossible_published = 0;
  std::int64_t publish_at_ns = 0;

  std::mutex mutex;  // guards the outbox
  std::vector<SecondDelta> outbox;

  SecondDelta& second_of(Last& last, std::int64_t at_ns) {
    if (last.delta != nullptr &&
        static_cast<std::uint64_t>(elapsed(last.from_ns, at_ns)) < second_ns) [[likely]] {
      return *last.delta;
    }
    const std::int64_t second = whole_seconds_down(elapsed(measure_ns, at_ns));
    SecondDelta& delta = open[second];
    delta.second = second;
    last = {.from_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(measure_ns) +
                                                 static_cast<std::uint64_t>(second) * second_ns),
            .delta = &delta};
    return delta;
  }
  [[nodiscard]] bool measured(std::int64_t intended_ns) const {
    return intended_ns >= measure_ns && intended_ns < measure_end_ns;
  }
  void record(SecondDelta& delta, bool in_measure, Metric metric, std::int64_t latency_ns) {
    const auto m = static_cast<std::size_t>(metric);
    if (!delta.latency[m]) [[unlikely]] {
      delta.latency[m] = std::make_unique<Histogram>(Histogram::coarse());
    }
    delta.latency[m]->record(latency_ns);
    if (in_measure) totals[m].record(latency_ns);
  }
  // What is known of a message without an answer: its age. Never sent: it is late by all of it.
  void record_age(SecondDelta& delta, std::int64_t intended_ns, std::int64_t sent_ns,
                  std::int64_t now_ns) {
    const bool in_measure = measured(intended_ns);
    censored += in_measure ? 1 : 0;
    record(delta, in_measure, Metric::response, elapsed(intended_ns, now_ns));
    const bool was_sent = sent_ns != 0;
    record(delta, in_measure, Metric::lateness, elapsed(intended_ns, was_sent ? sent_ns : now_ns));
    if (was_sent) record(delta, in_measure, Metric::service, elapsed(sent_ns, now_ns));
  }
};

LaneRecorder::LaneRecorder(std::int64_t measure_ns, std::int64_t measure_end_ns)
    : state_(std::make_unique<State>()) {
  set_window(measure_ns, measure_end_ns);
}

void LaneRecorder::set_window(std::int64_t measure_ns, std::int64_t measure_end_ns) {
  check(measure_ns <= measure_end_ns, "the measure phase does not end before it starts");
  check(state_->open.empty(), "the measure phase is set before the first sample");
  state_->measure_ns = measure_ns;
  state_->measure_end_ns = measure_end_ns;
  state_->publish_at_ns = 0;
}

LaneRecorder::~LaneRecorder() = default;

void LaneRecorder::intended(std::int64_t intended_ns) {
  ++state_->second_of(state_->last_intended, intended_ns).intended;
}

void LaneRecorder::acked(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns) {
  State& s = *state_;
  SecondDelta& delta = s.second_of(s.last_intended, intended_ns);
  ++delta.acked;
  ++s.second_of(s.last_done, done_ns).done_acked;
  const bool in_measure = s.measured(intended_ns);
  s.record(delta, in_measure, Metric::response, elapsed(intended_ns, done_ns));
  s.record(delta, in_measure, Metric::service, elapsed(sent_ns, done_ns));
  s.record(delta, in_measure, Metric::lateness, elapsed(intended_ns, sent_ns));
}

void LaneRecorder::failed(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns) {
  SecondDelta& delta = state_->second_of(state_->last_intended, intended_ns);
  ++delta.failed;
  state_->record_age(delta, intended_ns, sent_ns, done_ns);
}

void LaneRecorder::censored(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t now_ns) {
  SecondDelta& delta = state_->second_of(state_->last_intended, intended_ns);
  if (sent_ns != 0) ++delta.unknown;
  state_->record_age(delta, intended_ns, sent_ns, now_ns);
}

void LaneRecorder::sent(std::int64_t intended_ns, std::int64_t sent_ns) {
  SecondDelta& delta = state_->second_of(state_->last_intended, intended_ns);
  state_->record(delta, state_->measured(intended_ns), Metric::lateness,
                 elapsed(intended_ns, sent_ns));
}

void LaneRecorder::consumed(std::int64_t intended_ns, std::int64_t done_ns, bool first_delivery) {
  State& s = *state_;
  ++s.second_of(s.last_done, done_ns).done_consumed;
  if (!first_delivery) return;
  SecondDelta& delta = s.second_of(s.last_intended, intended_ns);
  ++delta.consumed;
  s.record(delta, s.measured(intended_ns), Metric::end_to_end, elapsed(intended_ns, done_ns));
}

void LaneRecorder::publish_if_due(std::int64_t now_ns) {
  if (now_ns < state_->publish_at_ns) return;
  // Just after a second of the trial ends, so that most seconds travel once and whole.
  const std::int64_t second = whole_seconds_down(elapsed(state_->measure_ns, now_ns));
  state_->publish_at_ns = state_->measure_ns + (second + 1) * second_ns;
  publish();
}

void LaneRecorder::publish() {
  State& s = *state_;
  if (s.open.empty()) return;
  for (const auto& [second, delta] : s.open) {
    for (const auto& histogram : delta.latency) {
      if (histogram) s.impossible_published += histogram->impossible();
    }
  }
  const std::lock_guard lock(s.mutex);
  for (auto& [second, delta] : s.open) s.outbox.push_back(std::move(delta));
  s.open.clear();
  s.last_intended = {};
  s.last_done = {};
}

std::vector<SecondDelta> LaneRecorder::drain() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->outbox, {});
}

void LaneRecorder::add(std::vector<SecondDelta> seconds) {
  const std::lock_guard lock(state_->mutex);
  for (auto& second : seconds) state_->outbox.push_back(std::move(second));
}

void LaneRecorder::add_total(Metric metric, const Histogram& total) {
  state_->totals[static_cast<std::size_t>(metric)].add(total);
}

void LaneRecorder::add_counts(std::uint64_t censored, std::uint64_t impossible) {
  state_->censored += censored;
  state_->impossible_published += impossible;
}

const Histogram& LaneRecorder::total(Metric metric) const {
  return state_->totals[static_cast<std::size_t>(metric)];
}

std::uint64_t LaneRecorder::censored_count() const { return state_->censored; }

std::uint64_t LaneRecorder::impossible_count() const {
  std::uint64_t count = state_->impossible_published;
  for (const auto& [second, delta] : state_->open) {
    for (const auto& histogram : delta.latency) {
      if (histogram) count += histogram->impossible();
    }
  }
  return count;
}

void Series::add(SecondDelta delta) {
  const std::int64_t second = delta.second;
  changed_.insert(second);
  const auto [place, is_new] = seconds_.try_emplace(second, std::move(delta));
  // try_emplace leaves its argument alone when the key is taken.
  if (!is_new) place->second.add(delta);
}

std::vector<std::int64_t> Series::take_changed() {
  const std::set<std::int64_t> changed = std::exchange(changed_, {});
  return {changed.begin(), changed.end()};
}

Histogram Series::merged(Metric metric,
                         const std::function<bool(std::int64_t second)>& include) const {
  Histogram sum = Histogram::coarse();
  for (const auto& [second, delta] : seconds_) {
    const Histogram* const part = delta.of(metric);
    if (part != nullptr && include(second)) sum.add(*part);
  }
  return sum;
}

}  // namespace seatrial::measure
