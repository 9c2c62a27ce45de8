// garbage_collection: a node's pauses alone explain so much of the response's p99, or took so much
// of its time. Whoever comes while a node stands still waits for the rest of the pause; messages
// come at any time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/constraints/garbage_collection.hpp"
#include "judge/constraints/reading.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double one_in = 0.01;  // of messages wait longer than the p99

std::vector<double> pauses_of(const View& node) {
  std::vector<double> out;
  for (const View& pause : node["gc"]["pauses"].items()) {
    if (const auto ns = pause.at(1).number(); ns && *ns > 0) out.push_back(*ns);
  }
  return out;
}

// The w for which one in a hundred waits longer: the pauses' parts beyond w are that share of time.
double p99_of_wait(std::vector<double> pauses, double time_ns) {
  std::ranges::sort(pauses, std::greater{});
  double sum = 0;
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    sum += pauses[i];
    const auto count = static_cast<double>(i + 1);
    const double wait = (sum - one_in * time_ns) / count;
    const double next = i + 1 < pauses.size() ? pauses[i + 1] : 0;
    if (wait >= next) return std::max(0.0, wait);
  }
  return 0;
}

double mean_wait(const std::vector<double>& pauses, double time_ns) {
  double squares = 0;
  for (const double pause : pauses) squares += pause * pause;
  return squares / 2 / time_ns;
}

std::optional<double> response_p99(const View& trial) {
  std::optional<double> most;
  for (const View& workload : trial["workloads"].items()) {
    if (const auto p99 = percentile_ns(workload["latency"]["response"], 99))
      most = std::max(most.value_or(0), *p99);
  }
  return most;
}

std::optional<Strain> garbage_collection_strain(const Scene& scene) {
  const double time_ns = measured_s(scene.trial) * 1e9;
  const auto p99 = response_p99(scene.trial);
  std::optional<Strain> most;
  if (time_ns <= 0) return most;
  for (const View& node : serving_nodes(scene.trial)) {
    if (!node["gc"].present()) continue;
    const auto pauses = pauses_of(node);
    const double explained = p99_of_wait(pauses, time_ns);
    const double time = collecting(node, scene.trial);
    const double use = std::clamp(
        std::max(p99 && *p99 > 0 ? explained / *p99 : 0, saturated * time / too_much_collecting),
        0.0, 1.0);
    if (most && *most->use >= use) continue;
    most = Strain{.use = use,
                  .wait_ns = mean_wait(pauses, time_ns),
                  .evidence = fmt::format(
                      "node {} stood still for its collector {} of the time, at longest {}; that "
                      "alone makes a p99 of {}{}",
                      node["node"].text(), percent_words(time),
                      duration_words(node["gc"]["max_ns"].number_or(0)), duration_words(explained),
                      p99 ? ", where the response's is " + duration_words(*p99) : ""),
                  .needs = "a larger heap, or another collector"};
  }
  return most;
}

const auto garbage_collection_constraint = constraint<40, garbage_collection_strain>(
    "garbage_collection", "pauses of a broker's collector");

}  // namespace

double collecting(const View& node, const View& trial) {
  const double time_ns = measured_s(trial) * 1e9;
  return time_ns <= 0 ? 0 : node["gc"]["total_ns"].number_or(0) / time_ns;
}

}  // namespace seatrial::judge
