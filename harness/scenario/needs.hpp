// What a plan asks of the machine, and how long it takes: estimates for `plan`, made of the plan
// alone.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

struct Needs {
  int processes = 0;                          // brokers and controllers
  std::uint64_t memory_bytes = 0;             // theirs: heap, and what a JVM takes beside it
  std::optional<std::uint64_t> disk_bytes;    // rate x size x copies x time; none: a closed loop
  std::uint64_t client_queue_bytes = 0;       // at most, over all lanes
  nanoseconds expected{0};                    // from start to teardown
};

Needs needs_of(const TrialPlan& trial);

// Of `size: 256B` or `uniform(100B, 1KiB)`, the mean; nothing of what has no size.
std::optional<std::uint64_t> mean_message_bytes(const Options& options);

// Messages of a producer that fall due within measure, at most; nothing of a closed loop without a
// count.
std::optional<double> messages_in_measure(const TrialPlan& trial, const WorkloadPlan& plan);

// The sum of all trials: they run one after the other.
nanoseconds expected_duration(const Plan& plan);

}  // namespace seatrial::scenario
