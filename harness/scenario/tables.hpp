// The keys of a scenario's sections, as option tables: the same mechanism that checks plug-ins'
// options checks these, and the JSON Schema is written from them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/options.hpp"

namespace seatrial::scenario {

// Older releases of Kafka are refused: nobody tries them.
inline constexpr std::string_view oldest_kafka = "3.9.2";

struct TopKey {
  std::string_view name;
  std::string_view help;
};
std::span<const TopKey> top_keys();

const std::vector<OptionSpec>& cluster_keys();
const std::vector<OptionSpec>& topic_keys();
const std::vector<OptionSpec>& workload_keys();   // those that every kind has
const std::vector<OptionSpec>& phase_keys();
const std::vector<OptionSpec>& warmup_keys();     // of its bounds, given as a map
const std::vector<OptionSpec>& timeline_keys();   // those that every fault has
const std::vector<OptionSpec>& chaos_keys();      // those with one value
const std::vector<OptionSpec>& gate_keys();       // those with one value
const std::vector<OptionSpec>& gated_metric_keys();
const std::vector<OptionSpec>& expect_keys();     // either `that` or `control`; `where` aside

// `512m`, `1g` (as the JVM writes it) or a size with its unit, as whole MiB; 0 if it is neither.
std::uint64_t heap_mib(std::string_view text);

// A quota of `cluster: quotas`: of a rate its bytes per second, else a percentage; 0 if it is
// neither.
double quota_value(std::string_view name, std::string_view text);

// The N of `after: N acked`; 0 if it is not of that form.
std::uint64_t acked_count(std::string_view text);

// JSON Schema of scenario files, for editors; options of every registered plug-in included.
std::string schema_json();

}  // namespace seatrial::scenario
