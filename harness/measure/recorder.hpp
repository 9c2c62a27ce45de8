// One lane's latencies: the four histograms of every operation, whole and by second; and Series,
// which adds the lanes' seconds up on the runner's side.
//
//   response    intended -> done     what a user would feel; free of coordinated omission
//   service     sent -> done         what naive tools print
//   lateness    intended -> sent     how far the generator itself was behind
//   end_to_end  intended -> handed to a consumer (first delivery per group)
//
// A sample belongs to the second, and to the phase, of its *intended* time, however late it is
// done; the whole-run histograms hold the samples of the measure phase only. One writer: the lane's
// thread. Once a second `publish` moves the seconds that changed, as deltas, to an outbox that the
// runner drains and adds up, so nothing on the hot path is shared.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "measure/histogram.hpp"

namespace seatrial::measure {

enum class Metric { response, service, lateness, end_to_end };
inline constexpr int metric_count = 4;

// Counts and latencies of the messages intended within one second (deltas until added up).
struct SecondDelta {
  std::int64_t second = 0;  // relative to the start of measure; warmup is negative
  std::uint64_t intended = 0, acked = 0, failed = 0, unknown = 0;
  std::uint64_t consumed = 0;       // first deliveries
  std::uint64_t done_acked = 0;     // acks that *arrived* in this second, whenever intended
  std::uint64_t done_consumed = 0;  // deliveries that arrived in this second, redeliveries included
  std::unique_ptr<Histogram> latency[metric_count];  // coarse (2 digits); null where empty
  [[nodiscard]] const Histogram* of(Metric metric) const {
    return latency[static_cast<int>(metric)].get();
  }
  void add(const SecondDelta& other);  // keeps its own `second`
};

class LaneRecorder {
 public:
  // measure_ns: start of the measure phase; measure_end_ns: its end (samples intended at or after
  // it, or before measure_ns, stay out of the whole-run histograms).
  LaneRecorder(std::int64_t measure_ns, std::int64_t measure_end_ns);
  ~LaneRecorder();
  // Sets the phase anew, before the first sample: the clock starts only when every lane is
  // connected.
  void set_window(std::int64_t measure_ns, std::int64_t measure_end_ns);
  LaneRecorder(const LaneRecorder&) = delete;
  LaneRecorder& operator=(const LaneRecorder&) = delete;

  // Lane's thread only.
  void intended(std::int64_t intended_ns);                       // a message fell due
  void acked(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns);
  // The client gave up or was refused. To its user the message took at least until then, so it is a
  // censored sample at that age. sent_ns 0: never even sent.
  void failed(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t done_ns);
  // Never resolved: counted at its age, never dropped. sent_ns 0: never even sent, and so counted
  // as neither unknown nor failed; only response and lateness have an age then.
  void censored(std::int64_t intended_ns, std::int64_t sent_ns, std::int64_t now_ns);
  // acks=0: handed over, nothing will come back. Only lateness is known.
  void sent(std::int64_t intended_ns, std::int64_t sent_ns);
  void consumed(std::int64_t intended_ns, std::int64_t done_ns, bool first_delivery);
  void publish_if_due(std::int64_t now_ns);  // cheap when less than a second has passed
  void publish();                            // the rest, at the lane's end

  // Runner's thread: takes what was published since the last call.
  [[nodiscard]] std::vector<SecondDelta> drain();

  // Takes over what another recorder, in another process, has published; and its totals at its end.
  void add(std::vector<SecondDelta> seconds);
  void add_total(Metric metric, const Histogram& total);
  void add_counts(std::uint64_t censored, std::uint64_t impossible);

  // After the lane's thread has ended.
  [[nodiscard]] const Histogram& total(Metric metric) const;
  // Messages of the measure phase whose response in total() is an age, not a latency.
  [[nodiscard]] std::uint64_t censored_count() const;
  // Negative latencies, in any phase: a defect, and reported as one.
  [[nodiscard]] std::uint64_t impossible_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The seconds of a workload, over its lanes. Runner's thread only.
class Series {
 public:
  void add(SecondDelta delta);
  [[nodiscard]] const std::map<std::int64_t, SecondDelta>& seconds() const { return seconds_; }
  // Seconds that changed since the last call, ascending: what the journal has to write (again).
  [[nodiscard]] std::vector<std::int64_t> take_changed();
  // All samples of the seconds for which `include` holds; 2 digits.
  [[nodiscard]] Histogram merged(Metric metric,
                                 const std::function<bool(std::int64_t second)>& include) const;

 private:
  std::map<std::int64_t, SecondDelta> seconds_;
  std::set<std::int64_t> changed_;
};

}  // namespace seatrial::measure
