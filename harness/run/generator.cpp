// Sums over lanes.
#include "run/generator.hpp"

#include <algorithm>

#include "core/units.hpp"
#include "judge/generator.hpp"

namespace seatrial::run {
namespace {

using measure::Histogram;
using measure::Metric;

std::int64_t p99(const Lanes& lanes, const WorkloadRun& run, Metric metric) {
  Histogram all = Histogram::latency();
  for (std::size_t lane : run.lanes) all.add(lanes.lane(lane).recorder->total(metric));
  return all.value_at(99);
}

std::int64_t overrun_p99(const Lanes& lanes, const WorkloadRun& run) {
  Histogram all = Histogram::latency();
  for (std::size_t lane : run.lanes) all.add(lanes.lane(lane).recorder->overrun());
  return all.value_at(99);
}

bool is_open_loop(const Lanes& lanes, const WorkloadRun& run) {
  return run.workload->traits().produces && run.workload->offered_rate() > 0 &&
         lanes.lane(run.lanes.front()).report.transactions.empty();
}

}  // namespace

std::int64_t wake_ns(const Lanes& lanes, const WorkloadRun& run) {
  std::int64_t most = 0;
  for (std::size_t lane : run.lanes) most = std::max(most, lanes.lane(lane).report.wake_ns);
  return most;
}

std::optional<std::string> generator_limit(const Lanes& lanes, const WorkloadRun& run) {
  if (!is_open_loop(lanes, run)) return std::nullopt;
  // Without an ack there is no response that lateness could be a share of: that its messages were
  // refused is what there is to say.
  if (lanes.total(run, &LaneCounters::acked) + lanes.total(run, &LaneCounters::sent) == 0) {
    return std::nullopt;
  }
  return judge::generator_limit(overrun_p99(lanes, run), p99(lanes, run, Metric::response),
                                lanes.total(run, &LaneCounters::backpressure_ns),
                                nanoseconds(wake_ns(lanes, run)));
}

record::GeneratorFacts generator_facts(const Lanes& lanes) {
  record::GeneratorFacts out{.processes_cpu_s = to_seconds(lanes.processes_cpu())};
  for (const auto& run : lanes.workloads()) {
    for (std::size_t lane : run.lanes) {
      out.impossible_samples += lanes.lane(lane).recorder->impossible_count();
    }
    out.backpressure_ns += lanes.total(run, &LaneCounters::backpressure_ns);
    out.throttle_ns += lanes.total(run, &LaneCounters::throttle_ns);
    if (!is_open_loop(lanes, run)) continue;
    out.lateness_p99_ns = std::max(out.lateness_p99_ns, p99(lanes, run, Metric::lateness));
    out.overrun_p99_ns = std::max(out.overrun_p99_ns, overrun_p99(lanes, run));
    const auto limit = generator_limit(lanes, run);
    if (!limit) continue;
    if (!out.limits.empty()) out.limits += "; ";
    out.limits += "workload '" + run.plan->name + "': " + *limit;
  }
  return out;
}

}  // namespace seatrial::run
