// The load generator and its machine in the shape of the record: what disturbed the latencies.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "measure/hiccup.hpp"
#include "measure/machine.hpp"

namespace seatrial::record {

// Sums over the lanes of a trial.
struct GeneratorFacts {
  std::uint64_t impossible_samples = 0;
  std::uint64_t backpressure_ns = 0, throttle_ns = 0;
  std::int64_t lateness_p99_ns = 0;  // of the load that was latest
  std::int64_t overrun_p99_ns = 0;   // the same, beyond what lanes' own rules ask for
  std::string limits;                // why loads were limited by their generator; empty: none was
  double processes_cpu_s = 0;        // of lanes that are processes
};

// The record's `generator`.
nlohmann::json describe_generator(const GeneratorFacts& lanes, const measure::HiccupReport& hiccups,
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

}  // namespace seatrial::record
