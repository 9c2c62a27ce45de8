// From lanes, hiccups and samples of /proc to JSON.
#include "run/generator_record.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/units.hpp"

namespace seatrial::run {
namespace {

using measure::Histogram;
using measure::Metric;
using nlohmann::json;

std::int64_t p99(const Lanes& lanes, const WorkloadRun& run, Metric metric) {
  Histogram all = Histogram::latency();
  for (std::size_t lane : run.lanes) all.add(lanes.lane(lane).recorder->total(metric));
  return all.value_at(99);
}

bool is_open_loop(const Lanes& lanes, const WorkloadRun& run) {
  return run.workload->produces() && run.workload->offered_rate() > 0 &&
         lanes.lane(run.lanes.front()).report.transactions.empty();
}

template <class Value>
void put(json& out, const char* key, const std::optional<Value>& value) {
  if (value) out[key] = *value;
}

// More digits than the kernel counts would only fill the record.
void put_share(json& out, const char* key, std::optional<double> value) {
  if (value) out[key] = std::round(*value * 1e4) / 1e4;
}

}  // namespace

std::optional<std::string> generator_limit(std::int64_t lateness_p99_ns,
                                           std::int64_t response_p99_ns,
                                           std::uint64_t backpressure_ns) {
  if (lateness_p99_ns <= 1'000'000 || lateness_p99_ns * 10 <= response_p99_ns) return std::nullopt;
  std::string why = "lateness p99 is " + format_duration(nanoseconds(lateness_p99_ns)) +
                    ", more than 10 % of response p99, " +
                    format_duration(nanoseconds(response_p99_ns));
  if (backpressure_ns > 0) {
    why += "; its clients' queues were full for " +
           format_duration(nanoseconds(static_cast<std::int64_t>(backpressure_ns))) +
           ", so the brokers may have held it up";
  }
  return why;
}

std::optional<std::string> generator_limit(const Lanes& lanes, const WorkloadRun& run) {
  if (!is_open_loop(lanes, run)) return std::nullopt;
  // Without an ack there is no response that lateness could be a share of: that its messages were
  // refused is what there is to say.
  if (lanes.total(run, &LaneCounters::acked) + lanes.total(run, &LaneCounters::sent) == 0) {
    return std::nullopt;
  }
  return generator_limit(p99(lanes, run, Metric::lateness), p99(lanes, run, Metric::response),
                         lanes.total(run, &LaneCounters::backpressure_ns));
}

std::optional<std::string> disturbance(std::optional<double> foreign_cores,
                                       std::optional<double> steal_share) {
  const auto cores = static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  constexpr const char* advice =
      " during measure: latencies tell of them, too; measure where nothing else runs";
  if (foreign_cores && *foreign_cores > std::max(0.2, 0.05 * cores)) {
    return fmt::format("other processes used {:.2f} of this machine's {:.0f} cores{}",
                       *foreign_cores, cores, advice);
  }
  if (steal_share && *steal_share > 0.02) {
    return fmt::format("other machines of its host took {:.1f} % of this one's cores{}",
                       *steal_share * 100, advice);
  }
  return std::nullopt;
}

json describe_generator(const Lanes& lanes, const measure::HiccupReport& hiccups,
                        const measure::MachineUse& machine) {
  std::uint64_t impossible = 0, backpressure = 0, throttle = 0;
  std::int64_t latest = 0;
  std::string reasons;
  for (const auto& run : lanes.workloads()) {
    for (std::size_t lane : run.lanes) impossible += lanes.lane(lane).recorder->impossible_count();
    backpressure += lanes.total(run, &LaneCounters::backpressure_ns);
    throttle += lanes.total(run, &LaneCounters::throttle_ns);
    if (!is_open_loop(lanes, run)) continue;
    latest = std::max(latest, p99(lanes, run, Metric::lateness));
    const auto limit = generator_limit(lanes, run);
    if (!limit) continue;
    if (!reasons.empty()) reasons += "; ";
    reasons += "workload '" + run.plan->name + "': " + *limit;
  }
  json cores = json::array();
  for (const auto& core : hiccups.cores) {
    json row{{"hiccup_p999_ns", core.p999_ns}, {"hiccup_max_ns", core.max_ns}};
    if (core.core >= 0) row["core"] = core.core;
    cores.push_back(std::move(row));
  }
  json out{{"limited", !reasons.empty()},
           {"lateness_p99_ns", latest},
           {"hiccup_p999_ns", hiccups.histogram.value_at(99.9)},
           {"hiccup_max_ns", hiccups.max_ns()},
           {"cores", std::move(cores)},
           {"cpu_s", machine.generator_cpu_s + to_seconds(lanes.processes_cpu())},
           {"voluntary_switches", machine.voluntary_switches},
           {"involuntary_switches", machine.involuntary_switches},
           {"backpressure_ns", backpressure},
           {"throttle_ns", throttle},
           {"impossible_samples", impossible}};
  put_share(out, "busy_share", machine.busy_share);
  put_share(out, "steal_share", machine.steal_share);
  put_share(out, "pressure_share", machine.pressure_share);
  put_share(out, "memory_pressure_share", machine.memory_pressure_share);
  put_share(out, "io_pressure_share", machine.io_pressure_share);
  if (!reasons.empty()) out["reason"] = reasons;
  return out;
}

json to_json(const MachinePoint& point) {
  json out{{"t_s", point.second},
           {"voluntary_switches", point.use.voluntary_switches},
           {"involuntary_switches", point.use.involuntary_switches},
           {"backpressure_ns", point.backpressure_ns},
           {"throttle_ns", point.throttle_ns}};
  put_share(out, "generator_cpu", point.use.generator_cpu_s / point.length_s);
  put_share(out, "busy", point.use.busy_share);
  put_share(out, "steal", point.use.steal_share);
  put_share(out, "cpu_pressure", point.use.pressure_share);
  put_share(out, "memory_pressure", point.use.memory_pressure_share);
  put_share(out, "io_pressure", point.use.io_pressure_share);
  put(out, "cached_bytes", point.at_end.cached_bytes);
  put(out, "dirty_bytes", point.at_end.dirty_bytes);
  return out;
}

json with_hiccups(json machine, const measure::HiccupReport& hiccups, std::int64_t waited_s) {
  for (json& point : machine) {
    const auto longest = hiccups.max_by_second.find(point.at("t_s").get<std::int64_t>() + waited_s);
    if (longest != hiccups.max_by_second.end()) point["hiccup_ns"] = longest->second;
  }
  return machine;
}

}  // namespace seatrial::run
