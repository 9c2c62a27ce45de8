// How far those that read are behind those that produce, by the lanes' own counters: as cheap as
// reading some atomics, and without asking brokers.
#pragma once

#include <cstdint>
#include <string>

#include "run/lanes.hpp"

namespace seatrial::run {

// Messages acked (with acks=0: sent) to the topic of the workloads of that name, or of that group,
// less those that they were given. What is given twice counts twice; 0 of nobody. Thread-safe.
[[nodiscard]] std::uint64_t lag_of(const Lanes& lanes, const std::string& name);

}  // namespace seatrial::run
