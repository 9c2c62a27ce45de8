// From sums over lanes, hiccups and samples of /proc to JSON.
#include "record/generator_record.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace seatrial::record {
namespace {

using nlohmann::json;

template <class Value>
void put(json& out, const char* key, const std::optional<Value>& value) {
  if (value) out[key] = *value;
}

// More digits than the kernel counts would only fill the record.
void put_share(json& out, const char* key, std::optional<double> value) {
  if (value) out[key] = std::round(*value * 1e4) / 1e4;
}

}  // namespace

json describe_generator(const GeneratorFacts& lanes, const measure::HiccupReport& hiccups,
                        const measure::MachineUse& machine) {
  json cores = json::array();
  for (const auto& core : hiccups.cores) {
    json row{{"hiccup_p999_ns", core.p999_ns}, {"hiccup_max_ns", core.max_ns}};
    if (core.core >= 0) row["core"] = core.core;
    cores.push_back(std::move(row));
  }
  json out{{"limited", !lanes.limits.empty()},
           {"lateness_p99_ns", lanes.lateness_p99_ns},
           {"overrun_p99_ns", lanes.overrun_p99_ns},
           {"hiccup_p999_ns", hiccups.histogram.value_at(99.9)},
           {"hiccup_max_ns", hiccups.max_ns()},
           {"cores", std::move(cores)},
           {"cpu_s", machine.generator_cpu_s + lanes.processes_cpu_s},
           {"voluntary_switches", machine.voluntary_switches},
           {"involuntary_switches", machine.involuntary_switches},
           {"backpressure_ns", lanes.backpressure_ns},
           {"throttle_ns", lanes.throttle_ns},
           {"impossible_samples", lanes.impossible_samples}};
  put_share(out, "busy_share", machine.busy_share);
  put_share(out, "steal_share", machine.steal_share);
  put_share(out, "pressure_share", machine.pressure_share);
  put_share(out, "memory_pressure_share", machine.memory_pressure_share);
  put_share(out, "io_pressure_share", machine.io_pressure_share);
  put_share(out, "disk_busy_share", machine.disk_busy_share);
  if (!lanes.limits.empty()) out["reason"] = lanes.limits;
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
  put_share(out, "disk_busy", point.use.disk_busy_share);
  put(out, "generator_rss_bytes", point.at_end.generator_rss_bytes);
  put(out, "cached_bytes", point.at_end.cached_bytes);
  put(out, "dirty_bytes", point.at_end.dirty_bytes);
  return out;
}

json with_hiccups(json machine, const measure::HiccupReport& hiccups, std::int64_t waited_s) {
  for (json& point : machine) {
    const std::int64_t first = point.at("t_s").get<std::int64_t>() + waited_s;
    const std::int64_t end = first + point.value("length_s", std::int64_t{1});
    for (std::int64_t second = first; second < end; ++second) {
      const std::int64_t* const longest = hiccups.max_by_second.find(second);
      if (longest == nullptr) continue;
      point["hiccup_ns"] = std::max(*longest, point.value("hiccup_ns", *longest));
    }
  }
  return machine;
}

}  // namespace seatrial::record
