// What a message costs those who carry it, for each MB (10^6 bytes) of payload acked within
// measure.
#include <functional>

#include "judge/load_check.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

// Payload by the scenario's mean size; nothing where nothing was acked, or a size is not recorded.
std::optional<double> acked_bytes(const MetricQuestion& question, const View& trial) {
  double bytes = 0;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload)) continue;
    const auto within = within_measure(trial, workload["name"].text());
    if (!within || within->acked == 0) continue;
    const auto size = workload["message_bytes"].number();
    if (!size) return std::nullopt;
    bytes += *size * static_cast<double>(within->acked);
  }
  return bytes > 0 ? std::optional(bytes) : std::nullopt;
}

// The sum over nodes (`of`: of one, nothing if it is not known), for each byte of payload.
Measured per_byte(const MetricQuestion& question, const View& trial, double scale,
                  const std::function<std::optional<double>(const View&)>& of) {
  const auto bytes = acked_bytes(question, trial);
  if (!bytes) return Measured::nothing("nothing was acked within measure");
  double sum = 0;
  for (const View& node : trial["brokers"].items()) {
    const auto own = of(node);
    if (own) sum += *own;
    else if (!node["role"].is("controller")) return Measured::nothing(not_recorded(question));
  }
  if (trial["brokers"].size() == 0) return Measured::nothing(not_recorded(question));
  return Measured::exactly(sum * scale / *bytes);
}

constexpr double megabyte = 1e6;

Measured broker_cpu(const MetricQuestion& question, const View& trial) {
  const double seconds = measured_s(trial);
  return per_byte(question, trial, megabyte * 1e9, [&](const View& node) -> std::optional<double> {
    const auto cores = node["cpu"].number();
    return cores ? std::optional(*cores * seconds) : std::nullopt;
  });
}

Measured client_cpu(const MetricQuestion& question, const View& trial) {
  const auto bytes = acked_bytes(question, trial);
  if (!bytes) return Measured::nothing("nothing was acked within measure");
  const auto cpu_s = trial["generator"]["cpu_s"].number();
  if (!cpu_s) return Measured::nothing(not_recorded(question));
  return Measured::exactly(*cpu_s * 1e9 * megabyte / *bytes);
}

Measured network(const MetricQuestion& question, const View& trial) {
  return per_byte(question, trial, 1, [](const View& node) -> std::optional<double> {
    const auto in = node["net_in_bytes"].number(), out = node["net_out_bytes"].number();
    return in && out ? std::optional(*in + *out) : std::nullopt;
  });
}

Measured requests(const MetricQuestion& question, const View& trial) {
  return per_byte(question, trial, megabyte, [](const View& node) -> std::optional<double> {
    std::optional<double> all;
    for (const auto& [kind, times] : node["requests"].entries()) {
      if (const auto count = times["count"].number()) all = all.value_or(0) + *count;
    }
    return all;
  });
}

Measured fsyncs(const MetricQuestion& question, const View& trial) {
  return per_byte(question, trial, megabyte,
                  [](const View& node) { return node["flushes"].number(); });
}

Measured first_ack(const MetricQuestion& question, const View& trial) {
  const auto first = trial["first_ack_s"].number();
  return first ? Measured::exactly(*first * 1e9) : Measured::nothing(not_recorded(question));
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> cost_registrations[] = {
    metric<duration, cluster, broker_cpu, Need::processes>(
        "broker_cpu_per_mb", "CPU time of all nodes for each MB acked"),
    metric<duration, produced, client_cpu>("client_cpu_per_mb",
                                           "CPU time of the harness and its clients for each MB "
                                           "acked"),
    metric<ratio, cluster, network, Need::processes>(
        "network_per_byte", "bytes that nodes received and sent, for each byte of payload acked"),
    metric<ratio, cluster, requests, Need::jmx>("requests_per_mb",
                                                "produce and fetch requests for each MB acked"),
    metric<ratio, cluster, fsyncs, Need::jmx>("fsyncs_per_mb",
                                              "fsyncs of segments for each MB acked"),
    metric<duration, cluster, first_ack>("time_to_first_ack",
                                         "from a trial's beginning, its cluster's start "
                                         "included, to the first ack"),
};

}  // namespace
}  // namespace seatrial::judge
