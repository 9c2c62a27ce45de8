// What each node of a cluster uses, second by second: CPU, memory, disk and network bytes as the
// operating system tells them and, of brokers on this machine, what their JVMs tell by JMX
// (flushes, under-replicated partitions, request times). A thread per node, so that one that hangs
// delays no other.
//
// A node that is down, or too slow to answer within its second, leaves a gap; a value that cannot
// be had is absent. Nodes in containers have no JMX here (their network is their own, and tells
// bytes by itself), and nodes whose process this machine does not see have nothing.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster.hpp"
#include "core/time.hpp"
#include "run/gc_log.hpp"

namespace seatrial::run {

class BrokerSampler {
 public:
  // Samples at whole seconds from `origin` on (before it, too), until stopped. `agent`: the Jolokia
  // jar; empty: no JMX. The cluster outlives this.
  BrokerSampler(Cluster& cluster, Instant origin, std::filesystem::path agent);
  ~BrokerSampler();
  BrokerSampler(const BrokerSampler&) = delete;
  BrokerSampler& operator=(const BrokerSampler&) = delete;

  // Once, before measure begins, whole seconds after the origin.
  void begin_measure(Instant begin, Instant end);
  // Points of the record's `broker_series` since the last call, by time since measure began. None
  // before that is set. Thread-safe.
  [[nodiscard]] nlohmann::json drain();
  // User and system time of all nodes' processes since this was made, dead ones included, up to the
  // last second. Thread-safe.
  [[nodiscard]] double cpu_s() const;
  void stop();
  // The record's `brokers`, of what was sampled within measure; after `stop`.
  [[nodiscard]] nlohmann::json summary() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A node's row of `brokers` from its points within measure.
class NodeSummary {
 public:
  void add(const nlohmann::json& point);
  [[nodiscard]] nlohmann::json row() const;

 private:
  nlohmann::json row_ = nlohmann::json::object();
  std::int64_t seconds_ = 0;
  double cpu_ = 0;  // their sum
  // By field: the sum of shares, and of how many seconds.
  std::map<std::string, std::pair<double, int>> idle_;
};

// A row's `gc`: of the pauses that began within [0, end) of measure, count, total, longest, and as
// [at_s, ns] all of them or, of many, the longest of each stretch of time.
[[nodiscard]] nlohmann::json describe_pauses(const std::vector<GcPause>& pauses, Instant zero,
                                             Instant end);

}  // namespace seatrial::run
