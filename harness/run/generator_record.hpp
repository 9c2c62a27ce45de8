// What the record says of the load generator and its machine: whether a load's latencies can be
// believed, and what disturbed them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "measure/hiccup.hpp"
#include "measure/machine.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

// Why a load was limited by its generator rather than by the cluster: lateness p99 above 10 % of
// response p99, and above 1 ms. Then no verdict on its latency is given. Nothing if it was not.
std::optional<std::string> generator_limit(std::int64_t lateness_p99_ns,
                                           std::int64_t response_p99_ns,
                                           std::uint64_t backpressure_ns);

// The same of a workload's lanes; nothing of consumers, of closed loops, which are never late, and
// of transactions, which wait for the one before them.
std::optional<std::string> generator_limit(const Lanes& lanes, const WorkloadRun& run);

// Why what else the machine did makes every latency of a trial doubtful: other processes used more
// than a fifth of a core, and more than a twentieth of all cores, or more than 2 % of the cores'
// time was stolen by other machines. Nothing if neither; what the system does not say is no reason.
std::optional<std::string> disturbance(std::optional<double> foreign_cores,
                                       std::optional<double> steal_share);

// The record's `generator`.
nlohmann::json describe_generator(const Lanes& lanes, const measure::HiccupReport& hiccups,
                                  const measure::MachineUse& machine);

// A point of the record's `machine`: what was used between two samples.
struct MachinePoint {
  std::int64_t second = 0;  // since the start of measure
  double length_s = 1;
  measure::MachineUse use;
  measure::MachineSample at_end;
  std::uint64_t backpressure_ns = 0, throttle_ns = 0;  // of all lanes
};
nlohmann::json to_json(const MachinePoint& point);
// The series with each second's longest hiccup, which is known only when the meter has ended. The
// meter's seconds count from `waited_s` before measure.
nlohmann::json with_hiccups(nlohmann::json machine, const measure::HiccupReport& hiccups,
                            std::int64_t waited_s);

}  // namespace seatrial::run
