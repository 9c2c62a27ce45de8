// What workloads say of their options in the same way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/options.hpp"
#include "kafka/config.hpp"

namespace seatrial::workloads {

// A property that a scenario must not set, and why.
struct OwnProperty {
  std::string_view name;
  std::string_view why;
};

// Checks an entry `name=value` of a `properties:` map; what is wrong, or an empty string.
[[nodiscard]] std::string validate_property(kafka::ClientType type, std::string_view entry,
                                            std::span<const OwnProperty> own);
[[nodiscard]] std::string validate_group(std::string_view name);
[[nodiscard]] std::string validate_lanes(std::string_view value);
[[nodiscard]] std::string validate_open_rate(std::string_view text);  // above 0, and not max
[[nodiscard]] std::string validate_share(std::string_view text);      // 0 to 1

// Of groups, whose members are processes, and how many messages they poll at most.
inline constexpr std::int64_t most_members = 100;
[[nodiscard]] std::string validate_members(std::string_view value);
[[nodiscard]] std::string validate_batch(std::string_view value);

// Options that reading workloads have in common.
[[nodiscard]] OptionSpec read_topic_option();
[[nodiscard]] OptionSpec group_option();
[[nodiscard]] OptionSpec members_option();
[[nodiscard]] OptionSpec handler_option();

// Throws UsageError if several members would take part under one static name.
void require_own_instance(const kafka::Properties& properties, int members);

// The client's effective settings; throws UsageError if they contradict each other.
[[nodiscard]] kafka::Properties effective_or_throw(kafka::ClientType type,
                                                   const kafka::Properties& properties);

}  // namespace seatrial::workloads
