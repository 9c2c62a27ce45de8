// What a trial's lanes say of their generator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record/generator_record.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

// judge::generator_limit of a workload's lanes; nothing of consumers, of closed loops, which are
// never late, and of transactions, which wait for the one before them.
std::optional<std::string> generator_limit(const Lanes& lanes, const WorkloadRun& run);

// By how much at most its lanes hand messages over late by their own rule.
std::int64_t wake_ns(const Lanes& lanes, const WorkloadRun& run);

record::GeneratorFacts generator_facts(const Lanes& lanes);

}  // namespace seatrial::run
