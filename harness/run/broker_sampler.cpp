// A thread per node; differences between samples of the same process.
#include "run/broker_sampler.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "clusters/files.hpp"
#include "clusters/jolokia.hpp"
#include "clusters/net.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "measure/coarse_series.hpp"
#include "measure/machine.hpp"
#include "run/broker_metrics.hpp"

namespace seatrial::run {
namespace {

using clusters::Jolokia;
using nlohmann::json;

constexpr auto answer_time = milliseconds(900);  // of a second
constexpr auto load_time = seconds(5);           // for the agent: it runs while others are sampled
constexpr int most_loads = 3;                    // of one process

template <class Value>
void put_grown(json& point, const char* key, const std::optional<Value>& from,
               const std::optional<Value>& to) {
  if (from && to && *to >= *from) point[key] = *to - *from;
}

int port_of(const Node& node) {
  const auto colon = node.address.rfind(':');
  if (colon == std::string::npos) return 0;
  return static_cast<int>(parse_integer(node.address.substr(colon + 1)).value_or(0));
}

// What one node was at a moment: of the same process as at another, if the pids are the same.
struct Sample {
  measure::ProcessSample process;
  std::optional<BrokerMetrics> metrics;
};

// One node's thread.
class NodeWatch {
 public:
  NodeWatch(Cluster& cluster, Node node, std::filesystem::path agent)
      : cluster_(cluster), node_(std::move(node)), agent_(std::move(agent)) {}

  // Nothing if the node has no process that this machine sees.
  std::optional<Sample> take();
  [[nodiscard]] const Node& node() const { return node_; }

 private:
  int find_pid();
  bool connect(const measure::ProcessSample& process);
  std::optional<BrokerMetrics> ask(const measure::ProcessSample& process);

  Cluster& cluster_;
  Node node_;
  std::filesystem::path agent_;
  int pid_ = 0;
  std::unique_ptr<Jolokia> jolokia_;  // of the process `pid_`
  bool answered_ = false;             // once at least
  int loads_ = 0;
};

int NodeWatch::find_pid() {
  Processes* processes = cluster_.processes();
  if (processes == nullptr) return 0;
  try {
    return processes->state(node_.id).host_pid;
  } catch (const InfrastructureError&) {
    return 0;  // the engine does not answer: as unknown as a process elsewhere
  }
}

std::optional<Sample> NodeWatch::take() {
  auto process = pid_ != 0 ? measure::sample_process(pid_) : std::nullopt;
  if (!process) {
    jolokia_.reset();
    answered_ = false;
    loads_ = 0;
    pid_ = find_pid();
    if (pid_ != 0) process = measure::sample_process(pid_);
  }
  if (!process) return std::nullopt;
  return Sample{.process = *process, .metrics = ask(*process)};
}

// Only a broker that answers its clients: loading an agent would delay a start.
bool NodeWatch::connect(const measure::ProcessSample& process) {
  if (jolokia_) return true;
  const bool own_network = process.net_in_bytes.has_value();
  if (agent_.empty() || own_network || !node_.serves_clients() || loads_ >= most_loads) {
    return false;
  }
  if (!clusters::kafka_answers(port_of(node_), milliseconds(200))) return false;
  ++loads_;
  auto started = Jolokia::start(pid_, agent_, now() + load_time);
  if (started) jolokia_ = std::move(*started);
  else if (loads_ == most_loads) clusters::notice("no broker metrics: " + started.error().message);
  return jolokia_ != nullptr;
}

std::optional<BrokerMetrics> NodeWatch::ask(const measure::ProcessSample& process) {
  if (!connect(process)) return std::nullopt;
  // The first answer has the agent load its classes, which on a busy machine takes seconds.
  const nanoseconds limit = answered_ ? nanoseconds(answer_time) : nanoseconds(load_time);
  const auto answer = jolokia_->ask(broker_metrics_question(), now() + limit);
  if (!answer) return std::nullopt;  // hung or dying; asked again in the next second
  answered_ = true;
  auto metrics = parse_broker_metrics(*answer);
  if (metrics) metrics->at = now();
  return metrics;
}

// The kernel counts CPU in hundredths of seconds; more digits would only fill the record.
double to_four_places(double value) { return std::round(value * 1e4) / 1e4; }

json make_point(const Node& node, const Sample& from, const Sample& to, Instant zero) {
  const double length_s = std::max(to_seconds(to.process.at - from.process.at), 1e-3);
  json point{
      {"node", node.id.value},
      {"t_s", std::llround(to_seconds(from.process.at - zero))},
      {"cpu", to_four_places(std::max(0.0, to.process.cpu_s - from.process.cpu_s) / length_s)},
      {"rss_bytes", to.process.rss_bytes},
      {"major_faults",
       to.process.major_faults - std::min(from.process.major_faults, to.process.major_faults)}};
  put_grown(point, "read_bytes", from.process.read_bytes, to.process.read_bytes);
  put_grown(point, "write_bytes", from.process.write_bytes, to.process.write_bytes);
  put_grown(point, "net_in_bytes", from.process.net_in_bytes, to.process.net_in_bytes);
  put_grown(point, "net_out_bytes", from.process.net_out_bytes, to.process.net_out_bytes);
  if (from.metrics && to.metrics) add_metrics(*from.metrics, *to.metrics, point);
  return point;
}

void add_to(json& row, const json& point, const char* key) {
  if (point.contains(key))
    row[key] = row.value(key, std::uint64_t{0}) + point[key].get<std::uint64_t>();
}

void raise_to(json& row, const char* key, const json& point, const char* from) {
  if (!point.contains(from)) return;
  if (!row.contains(key) || point[from] > row[key]) row[key] = point[from];
}

}  // namespace

void NodeSummary::add(const json& point) {
  ++seconds_;
  cpu_ += point.at("cpu").get<double>();
  raise_to(row_, "cpu_max", point, "cpu");
  raise_to(row_, "rss_max_bytes", point, "rss_bytes");
  raise_to(row_, "under_replicated_max", point, "under_replicated");
  raise_to(row_, "request_queue_max", point, "request_queue");
  for (const char* key : {"read_bytes", "write_bytes", "net_in_bytes", "net_out_bytes", "flushes",
                          "isr_shrinks", "major_faults"}) {
    add_to(row_, point, key);
  }
  for (const char* key : {"handler_idle", "network_idle"}) {
    if (!point.contains(key)) continue;
    auto& [sum, count] = idle_[key];
    sum += point[key].get<double>();
    ++count;
  }
}

json NodeSummary::row() const {
  json row = row_;
  row["seconds"] = seconds_;
  if (seconds_ > 0) row["cpu"] = to_four_places(cpu_ / static_cast<double>(seconds_));
  for (const auto& [key, told] : idle_) row[key] = to_four_places(told.first / told.second);
  return row;
}

namespace {

// Of the pauses of a long run the longest of each interval.
class LongestPauses {
 public:
  void add(nanoseconds at, nanoseconds length) {
    // By the millisecond, to which they are told: two of one node do not share it.
    const std::int64_t at_ms = std::llround(to_seconds(at) * 1e3);
    Pause& pause = series_.at(at_ms)->second.value;
    if (length >= pause.length) pause = {.at_ms = at_ms, .length = length};
    series_.coarsen([](auto& into, const auto& later) {
      if (later.value.length > into.value.length) into.value = later.value;
    });
  }
  [[nodiscard]] json list() const {
    json out = json::array();
    for (const auto& [at, interval] : series_.intervals()) {
      out.push_back(
          {static_cast<double>(interval.value.at_ms) / 1e3, interval.value.length.count()});
    }
    return out;
  }

 private:
  struct Pause {
    std::int64_t at_ms = 0;
    nanoseconds length{0};
  };
  measure::CoarseSeries<Pause> series_;
};

}  // namespace

json describe_pauses(const std::vector<GcPause>& pauses, Instant zero, Instant end) {
  std::int64_t total = 0, longest = 0, full = 0, count = 0;
  LongestPauses shown;
  for (const GcPause& pause : pauses) {
    if (pause.from < zero || pause.from >= end) continue;
    total += pause.length.count();
    longest = std::max(longest, static_cast<std::int64_t>(pause.length.count()));
    full += pause.full ? 1 : 0;
    ++count;
    shown.add(pause.from - zero, pause.length);
  }
  return {{"count", count},
          {"full", full},
          {"total_ns", total},
          {"max_ns", longest},
          {"pauses", shown.list()}};
}

struct BrokerSampler::Impl {
  Impl(Cluster& cluster, Instant from, const std::filesystem::path& agent) : zero(from) {
    for (Node& node : cluster.nodes()) {
      watches.push_back(std::make_unique<NodeWatch>(cluster, std::move(node), agent));
    }
    rows.resize(watches.size());
    for (std::size_t i = 0; i < watches.size(); ++i) {
      threads.emplace_back([this, i](const std::stop_token& token) { watch(i, token); });
    }
  }

  struct Row {
    NodeSummary summary;                       // within measure
    std::optional<BrokerMetrics> first, last;  // of one process, within measure
    int pid = 0;
    double cpu_s = 0;
  };

  void watch(std::size_t index, const std::stop_token& token);
  void take_in(std::size_t index, const Sample& from, const Sample& to);
  void account(std::size_t index, double cpu_s);
  bool pause_until(Instant at, const std::stop_token& token) const;

  Instant zero;  // the origin
  std::vector<std::unique_ptr<NodeWatch>> watches;
  std::mutex mutex;  // guards the following
  Instant measure_begin = Instant::max(), measure_end = Instant::max();
  json fresh = json::array();  // times since the origin
  std::vector<Row> rows;
  std::vector<std::jthread> threads;  // last: they use all of the above
};

bool BrokerSampler::Impl::pause_until(Instant at, const std::stop_token& token) const {
  std::mutex own;
  std::unique_lock lock(own);
  std::condition_variable_any never;
  never.wait_until(lock, token, at, [] { return false; });
  return !token.stop_requested();
}

void BrokerSampler::Impl::watch(std::size_t index, const std::stop_token& token) {
  std::optional<Sample> before;
  const auto second = [this] {
    return std::chrono::floor<seconds>(now() - zero).count() + 1;  // the next one
  };
  bool reported = false;
  int last_pid = 0;
  double last_cpu_s = 0;
  while (pause_until(zero + seconds(second()), token)) {
    std::optional<Sample> taken;
    try {
      taken = watches[index]->take();
    } catch (const std::exception& error) {
      // What cannot be sampled is absent; the trial goes on without.
      if (!std::exchange(reported, true))
        clusters::notice(std::string("a node's use: ") + error.what());
    }
    const bool same = before && taken && before->process.pid == taken->process.pid;
    if (same) take_in(index, *before, *taken);
    // What a process that is new here used before belongs to the time from its start on.
    if (taken && last_pid != 0) {
      account(index, taken->process.cpu_s - (last_pid == taken->process.pid ? last_cpu_s : 0));
    }
    if (taken) {
      last_pid = taken->process.pid;
      last_cpu_s = taken->process.cpu_s;
    }
    before = std::move(taken);
  }
}

void BrokerSampler::Impl::account(std::size_t index, double cpu_s) {
  const std::lock_guard lock(mutex);
  rows[index].cpu_s += cpu_s;
}

void BrokerSampler::Impl::take_in(std::size_t index, const Sample& from, const Sample& to) {
  json point = make_point(watches[index]->node(), from, to, zero);
  const std::lock_guard lock(mutex);
  const Instant at = zero + seconds(point.at("t_s").get<std::int64_t>());
  if (at >= measure_begin && at + seconds(1) <= measure_end) {
    Row& row = rows[index];
    row.summary.add(point);
    if (from.metrics && to.metrics) {
      // Another process begins from zero again: its times are those of its own life.
      if (std::exchange(row.pid, to.process.pid) != to.process.pid) row.first = from.metrics;
      row.last = to.metrics;
    }
  }
  fresh.push_back(std::move(point));
}

BrokerSampler::BrokerSampler(Cluster& cluster, Instant origin, std::filesystem::path agent)
    : impl_(std::make_unique<Impl>(cluster, origin, agent)) {}

BrokerSampler::~BrokerSampler() = default;

void BrokerSampler::begin_measure(Instant begin, Instant end) {
  const std::lock_guard lock(impl_->mutex);
  impl_->measure_begin = begin;
  impl_->measure_end = end;
}

double BrokerSampler::cpu_s() const {
  const std::lock_guard lock(impl_->mutex);
  double sum = 0;
  for (const auto& row : impl_->rows) sum += row.cpu_s;
  return sum;
}

json BrokerSampler::drain() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->measure_begin == Instant::max()) return json::array();
  const auto waited_s = std::chrono::floor<seconds>(impl_->measure_begin - impl_->zero).count();
  json out = std::exchange(impl_->fresh, json::array());
  for (json& point : out) point["t_s"] = point.at("t_s").get<std::int64_t>() - waited_s;
  std::stable_sort(out.begin(), out.end(), [](const json& a, const json& b) {
    return a.at("t_s").get<std::int64_t>() < b.at("t_s").get<std::int64_t>();
  });
  return out;
}

void BrokerSampler::stop() {
  for (auto& thread : impl_->threads) thread.request_stop();
  impl_->threads.clear();
}

json BrokerSampler::summary() const {
  static constexpr const char* roles[] = {"broker", "controller", "combined"};
  json out = json::array();
  for (std::size_t i = 0; i < impl_->rows.size(); ++i) {
    const auto& row = impl_->rows[i];
    const Node& node = impl_->watches[i]->node();
    json reported = row.summary.row();
    reported["node"] = node.id.value;
    reported["role"] = roles[static_cast<int>(node.role)];
    if (row.first && row.last) reported["requests"] = request_times(*row.first, *row.last);
    out.push_back(std::move(reported));
  }
  return out;
}

}  // namespace seatrial::run
