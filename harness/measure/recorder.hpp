// One lane's latencies: the four histograms of every operation, whole and by second; and Series,
// which adds the lanes' seconds up on the runner's side, and joins them when they are many.
//
//   response    intended -> done     what a user would feel; free of coordinated omission
//   service     sent -> done         what naive tools print
//   lateness    intended -> sent     how far the generator itself was behind
//   end_to_end  intended -> handed to a consumer (first delivery per group)
//
// A sample belongs to the second, and to the phase, of its *intended* time, however late it is
// done; the whole-run histograms hold the samples of the measure phase only. One writer: the lane's
// thread. A sample is one increment, in the interval histogram of its second. Once a second
// `publish` swaps the seconds that changed into an outbox, without stopping the lane; the runner
// drains it, and makes of them, at leisure, the whole-run histograms and the deltas of the series.
// Intervals go back to the lane when they are empty, so that a steady lane allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "measure/coarse_series.hpp"
#include "measure/histogram.hpp"
#include "measure/interval.hpp"

namespace seatrial::measure {

enum class Metric { response, service, lateness, end_to_end };
inline constexpr int metric_count = 4;

// Counts of the messages intended within one second (deltas until added up).
struct SecondCounts {
  std::int64_t second = 0;  // since the recorder's origin; before it negative
  std::uint64_t intended = 0, acked = 0, failed = 0, unknown = 0;
  std::uint64_t consumed = 0;       // first deliveries
  std::uint64_t done_acked = 0;     // acks that *arrived* in this second, whenever intended
  std::uint64_t done_consumed = 0;  // deliveries that arrived in this second, redeliveries included
};

struct SecondDelta : SecondCounts {
  std::unique_ptr<Histogram> latency[metric_count];  // coarse (2 digits); null where empty
  [[nodiscard]] const Histogram* of(Metric metric) const {
    return latency[static_cast<int>(metric)].get();
  }
  void add(const SecondDelta& other);  // keeps its own `second`
};

// When the messages of a run were sent: all at one moment, or each so long after it was due.
struct RunSent {
  std::int64_t at_ns = 0;    // 0: each by itself
  std::int64_t late_ns = 0;  // and then by so much
  [[nodiscard]] std::int64_t of(std::int64_t intended_ns) const {
    return at_ns != 0 ? at_ns : intended_ns + late_ns;
  }
};

class LaneRecorder {
 public:
  // Seconds count from the origin; nothing is measured until set_measure says when.
  explicit LaneRecorder(std::int64_t origin_ns);
  // measure_ns: start of the measure phase, and the origin; measure_end_ns: its end (samples
  // intended at or after it, or before measure_ns, stay out of the whole-run histograms).
  LaneRecorder(std::int64_t measure_ns, std::int64_t measure_end_ns);
  ~LaneRecorder();
  // Before the first sample: the clock starts only when every lane is connected.
  void set_origin(std::int64_t origin_ns);
  // Whole seconds after the origin; before measure begins. Any thread.
  void set_measure(std::int64_t measure_ns, std::int64_t measure_end_ns);
  LaneRecorder(const LaneRecorder&) = delete;
  LaneRecorder& operator=(const LaneRecorder&) = delete;

  // Lane's thread only.
  void intended(std::int64_t intended_ns) {  // a message fell due
    ++due_in(intended_ns).counts.intended;
  }
  void acked(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns) {
    Open& due = due_in(intended_ns);
    ++due.counts.acked;
    ++done_in(done_ns).counts.done_acked;
    due.of(Metric::response).record(elapsed(intended_ns, done_ns));
    due.of(Metric::service).record(elapsed(sent_ns, done_ns));
    due.of(Metric::lateness).record(elapsed(intended_ns, sent_ns));
  }
  // The client gave up or was refused. To its user the message took at least until then, so it is a
  // censored sample at that age. sent_ns 0: never even sent.
  void failed(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns);
  // Never resolved: counted at its age, never dropped. sent_ns 0: never even sent, and so counted
  // as neither unknown nor failed; only response and lateness have an age then.
  void censored(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t now_ns);
  // acks=0: handed over, nothing will come back. Only lateness is known.
  void sent(std::int64_t intended_ns, std::int64_t sent_ns) {
    due_in(intended_ns).of(Metric::lateness).record(elapsed(intended_ns, sent_ns));
  }
  void consumed(std::int64_t intended_ns, std::int64_t done_ns, bool first_delivery) {
    ++done_in(done_ns).counts.done_consumed;
    if (!first_delivery) return;
    Open& due = due_in(intended_ns);
    ++due.counts.consumed;
    due.of(Metric::end_to_end).record(elapsed(intended_ns, done_ns));
  }
  // As one call for each of the intended times, which ascend.
  void intended_run(std::span<const std::int64_t> intended_ns);
  void acked_run(std::span<const std::int64_t> intended_ns, const RunSent& sent,
                 std::int64_t done_ns);
  void sent_run(std::span<const std::int64_t> intended_ns, const RunSent& sent);
  // The lane hands over late by a plan of its own, which lateness shows; so it says of each
  // message, by handed(), when that was to be. Before the first sample.
  void plan_handovers() { overrun_ = std::make_unique<Histogram>(empty_total()); }
  void handed(std::int64_t intended_ns, std::int64_t planned_ns, std::int64_t sent_ns) {
    overran(intended_ns, std::max<std::int64_t>(0, elapsed(planned_ns, sent_ns)));
  }
  void publish_if_due(std::int64_t now_ns) {  // cheap when less than a second has passed
    if (now_ns >= publish_at_ns_) publish_at(now_ns);
  }
  void publish();  // the rest, at the lane's end

  // Runner's thread: takes what was published since the last call.
  [[nodiscard]] std::vector<SecondDelta> drain();

  // Takes over what another recorder, in another process, has published; and its totals at its end.
  void add(std::vector<SecondDelta> seconds);
  void add_total(Metric metric, const Histogram& total);
  void add_overrun(const Histogram& overrun);
  void add_counts(std::uint64_t censored, std::uint64_t impossible);

  // Runner's thread, after the lane's has ended.
  [[nodiscard]] Histogram total(Metric metric) const;
  // What of lateness no plan of the lane's asked for; without such a plan, all of it.
  [[nodiscard]] Histogram overrun() const;
  [[nodiscard]] bool plans_handovers() const { return overrun_ != nullptr; }
  // Messages of the measure phase whose response in total() is an age, not a latency.
  [[nodiscard]] std::uint64_t censored_count() const;
  // Negative latencies, in any phase: a defect, and reported as one.
  [[nodiscard]] std::uint64_t impossible_count() const;

 private:
  // One second, or what of it lies in the measure phase, while its samples come in.
  struct Open {
    std::int64_t from_ns = 0;
    std::uint64_t length_ns = 0;  // 0: no time at all lies in it
    bool in_measure = false;
    std::uint64_t censored = 0;
    SecondCounts counts;
    std::array<IntervalHistogram, metric_count> latency;
    IntervalHistogram& of(Metric metric) { return latency[static_cast<std::size_t>(metric)]; }
    void clear();
  };
  using Batch = std::vector<std::unique_ptr<Open>>;

  // Wraps instead of overflowing: the intended time of a damaged message can be any number.
  static std::int64_t elapsed(std::int64_t from_ns, std::int64_t to_ns) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ns) -
                                     static_cast<std::uint64_t>(from_ns));
  }
  static Open& open_at(Open*& last, std::int64_t at_ns, LaneRecorder& recorder) {
    const auto since = static_cast<std::uint64_t>(elapsed(last->from_ns, at_ns));
    if (since >= last->length_ns) [[unlikely]]
      last = &recorder.find(at_ns);
    return *last;
  }
  // Acks arrive later than they were intended: under load the two differ.
  Open& due_in(std::int64_t at_ns) { return open_at(last_due_, at_ns, *this); }
  Open& done_in(std::int64_t at_ns) { return open_at(last_done_, at_ns, *this); }
  Open& find(std::int64_t at_ns);
  void record_age(Open& due, std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t now_ns);
  void overran(std::int64_t intended_ns, std::int64_t by_ns) {
    if (intended_ns >= measure_ns_ && intended_ns < measure_end_ns_) overrun_->record(by_ns);
  }
  static Histogram empty_total() { return Histogram(latency_config, Histogram::Storage::window); }
  void publish_at(std::int64_t now_ns);
  template <class Visitor>
  void each_part(std::span<const std::int64_t> intended_ns, Visitor&& visit);
  template <class Visitor>
  void each_unfolded(Visitor&& visit) const;

  // Lane's thread.
  Open none_;
  Open* last_due_ = &none_;
  Open* last_done_ = &none_;
  std::int64_t publish_at_ns_ = 0;
  std::int64_t origin_ns_ = 0;
  std::unique_ptr<Histogram> overrun_;  // null: the lane has no plan of its own
  std::atomic<std::int64_t> measure_ns_{INT64_MAX};
  std::atomic<std::int64_t> measure_end_ns_{INT64_MAX};
  Batch open_;
  Batch spare_;  // cleared, with their memory

  std::mutex mutex_;
  Batch outbox_;                         // guarded; from the lane to the runner
  Batch returned_;                       // guarded; cleared, on their way back
  std::vector<SecondDelta> taken_over_;  // guarded; of other recorders

  // Runner's thread: of all that was drained.
  std::array<Histogram, metric_count> totals_;
  std::uint64_t censored_ = 0;
  std::uint64_t impossible_ = 0;
};

// The least and the most of any second of an interval.
struct Extremes {
  std::uint64_t least = 0, most = 0;
};

// What a load did in a second or, of an interval, in neighbouring seconds; its `second` is the
// first of them.
struct LoadDelta : SecondDelta {
  // Of an interval of several seconds, as the seconds were when they were joined.
  Extremes acks_arrived, deliveries_arrived;
  std::vector<std::uint32_t> acked_each;  // of each second; empty: too many to tell
};

// The seconds of a workload, over its lanes: a fixed number of intervals, whose counts and
// histograms are the exact sums of their seconds'. Runner's thread only.
class Series {
 public:
  using Interval = CoarseSeries<LoadDelta>::Interval;
  using Intervals = CoarseSeries<LoadDelta>::Intervals;
  using Include = std::function<bool(std::int64_t second)>;
  using Settled = std::function<void(const SecondDelta&)>;

  // No second is joined with others before it is so old: what it lacks by then is seldom.
  static constexpr std::int64_t fresh_s = 60;
  static constexpr Coarseness usual{.capacity = 320, .fresh = fresh_s};

  explicit Series(Coarseness coarseness = usual) : intervals_(coarseness) {}

  void add(SecondDelta delta);
  // Intervals end where a second begins with which something else does: measure, a fault.
  void edge(std::int64_t second) { intervals_.edge(second); }
  // Joins neighbours if there are more intervals than are kept. From the first such time on,
  // `settled` is called for every second before it is joined, and again for what comes to it later.
  void coarsen(const Settled& settled);
  // At the end: calls it for all that it was not called for yet, and joins the newest, if any were.
  void close(const Settled& settled);

  [[nodiscard]] const Intervals& intervals() const { return intervals_.intervals(); }
  // First seconds of the intervals that changed since the last call, ascending: what the journal
  // has to write (again).
  [[nodiscard]] std::vector<std::int64_t> take_changed();

  struct Merged {
    Histogram histogram;  // 2 digits
    std::uint64_t acked = 0;
    // Of intervals that hold wanted and other seconds: nothing of their samples is in here.
    std::vector<std::int64_t> cut;
    bool acked_known = true;
  };
  // All samples of the seconds for which `include` holds.
  [[nodiscard]] Merged merged(Metric metric, const Include& include) const;

 private:
  void join_two(Interval& into, const Interval& later);
  void settle_until(std::int64_t last, const Settled& settled);

  CoarseSeries<LoadDelta> intervals_;
  std::set<std::int64_t> changed_;
  std::optional<std::int64_t> settled_until_;  // a second; nothing: none was joined yet
  std::vector<SecondDelta> late_;              // of seconds until then
};

}  // namespace seatrial::measure
