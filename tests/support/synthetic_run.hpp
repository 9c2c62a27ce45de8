// A trial of made-up seconds, fed through what a real one goes through: recorders, series, journal,
// and points of the machine and of four nodes as their samplers tell them.
//
//   SyntheticRun run(folder, {.seconds = 86'400, .messages = 1000});
//   run.feed();
//   render_page(run.journal().record());
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <vector>

#include "judge/steady.hpp"
#include "measure/hiccup.hpp"
#include "measure/recorder.hpp"
#include "record/generator_record.hpp"
#include "record/journal.hpp"
#include "run/broker_sampler.hpp"
#include "run/load_series.hpp"

namespace seatrial::test {

class SyntheticRun {
 public:
  struct Shape {
    std::int64_t seconds = 0;
    std::int64_t messages = 0;  // a second
  };
  SyntheticRun(const std::filesystem::path& folder, Shape shape)
      : shape_(shape),
        journal_(folder),
        series_(journal_, 0, {"produce", "read"}),
        producer_(0, shape.seconds * second_ns),
        consumer_(0, shape.seconds * second_ns) {
    std::lognormal_distribution<double> spread(14.5, 0.8);  // around 2 ms, with a tail
    for (std::int64_t& value : latencies_) value = static_cast<std::int64_t>(spread(engine_));
  }

  void feed() {
    begin();
    for (std::int64_t second = 0; second < shape_.seconds; ++second) feed(second);
    series_.finish(0, {});
    end();
  }
  [[nodiscard]] record::Journal& journal() { return journal_; }
  [[nodiscard]] const run::LoadSeries& series() const { return series_; }

 private:
  using json = nlohmann::json;
  static constexpr std::int64_t second_ns = 1'000'000'000;

  void begin() {
    journal_.run({{"run", {{"id", "made up"}, {"program", "seatrial"}}},
                  {"scenario", {{"name", "long"}}},
                  {"cluster", {{"kind", "local"}, {"evidence_about_kafka", true}}}});
    journal_.trial(0, {{"variant", "base"}, {"status", "running"}});
    series_.edge(0);
    series_.edge(shape_.seconds);
  }
  void end() {
    const auto so_far = journal_.record();
    journal_.trial(0,
                   {{"status", "finished"},
                    {"verdict", "pass"},
                    {"machine", record::with_hiccups(json::parse(so_far.trial(0)["machine"].json()),
                                                     hiccups_[0].report(), 0)},
                    {"phases", {{{"name", "measure"}, {"from_s", 0}, {"to_s", shape_.seconds}}}}});
    json rows = json::array();
    for (const run::NodeSummary& node : nodes_) rows.push_back(node.row());
    journal_.trial(0, {{"brokers", std::move(rows)}});
  }

  void feed(std::int64_t second) {
    record(second);
    for (auto& delta : producer_.drain()) series_.add(0, std::move(delta));
    for (auto& delta : consumer_.drain()) series_.add(1, std::move(delta));
    series_.journal(0, {});
    for (auto& load : loads_) {
      const auto done = static_cast<std::uint64_t>((second + 1) * shape_.messages);
      load.work[second] = {.due = done, .settled = done, .least_open = 1};
    }
    for (auto& tally : hiccups_)
      tally.observe(second * second_ns, second * second_ns + 4'000'000, 4'000'000);
    journal_.append(0, "machine", json::array({machine(second)}));
    json points = json::array();
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      points.push_back(broker(static_cast<int>(node) + 1, second));
      nodes_[node].add(points.back());
    }
    journal_.append(0, "broker_series", std::move(points));
  }
  void record(std::int64_t second) {
    for (std::int64_t i = 0; i < shape_.messages; ++i) {
      const std::int64_t at = second * second_ns + i * second_ns / shape_.messages;
      const std::int64_t latency = latencies_[next_++ % latencies_.size()];
      producer_.intended(at);
      producer_.acked(at, at + 50'000, at + latency);
      consumer_.consumed(at, at + latency + 3'000'000, true);
    }
    producer_.publish();
    consumer_.publish();
  }

  static json machine(std::int64_t second) {
    return {{"t_s", second},
            {"voluntary_switches", 800 + second % 50},
            {"steal", 0.0},
            {"involuntary_switches", second % 50},
            {"busy", 0.4321},
            {"backpressure_ns", 0},
            {"cpu_pressure", 0.12},
            {"throttle_ns", 0},
            {"io_pressure", 0.01},
            {"generator_cpu", 0.05},
            {"unreplicated", 10},
            {"cached_bytes", 2'000'000'000 + second},
            {"memory_pressure", 0},
            {"dirty_bytes", 3'000'000},
            {"behind", {{1, 5 + second % 3}, {2, 6}, {3, 7}}}};
  }
  static json requests(std::int64_t second) {
    return {{"count", 40 + second % 7},
            {"total_p99_ns", 9'000'000 + second},
            {"total_ns", 2'000'000},
            {"queue_ns", 100'000 + second % 99},
            {"local_ns", 900'000},
            {"remote_ns", 800'000},
            {"response_queue_ns", 30'000},
            {"response_send_ns", 80'000},
            {"throttle_ns", 0}};
  }
  static json broker(int node, std::int64_t second) {
    json point{{"node", node},
               {"t_s", second},
               {"cpu", 0.2 + static_cast<double>(second % 10) / 100},
               {"rss_bytes", 400'000'000 + second * 10},
               {"major_faults", 0},
               {"read_bytes", 0},
               {"write_bytes", 300'000 + second % 1000}};
    if (node > 3) return point;  // a controller
    point.update({{"net_in_bytes", 700'000 + second % 1000},
                  {"net_out_bytes", 900'000},
                  {"flushes", 0},
                  {"under_replicated", 0}});
    for (const char* kind : {"produce", "fetch_consumer", "fetch_follower"})
      point["requests"][kind] = requests(second);
    return point;
  }

  Shape shape_;
  record::Journal journal_;
  run::LoadSeries series_;
  measure::LaneRecorder producer_, consumer_;
  std::vector<judge::Load> loads_ = std::vector<judge::Load>(2);
  std::vector<measure::HiccupTally> hiccups_ = std::vector(2, measure::HiccupTally(0));
  std::vector<run::NodeSummary> nodes_ = std::vector<run::NodeSummary>(4);
  std::mt19937_64 engine_{1};
  std::vector<std::int64_t> latencies_ = std::vector<std::int64_t>(4096);
  std::size_t next_ = 0;
};

}  // namespace seatrial::test
