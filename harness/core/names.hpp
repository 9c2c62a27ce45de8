// The one rule for names that a scenario gives to things: workloads, topics, axes, users, groups.
// They become names of files and parts of paths, stand in expressions (`produce.response`) and in
// records, so they hold nothing that means something there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seatrial {

inline constexpr std::size_t longest_name = 60;         // of what is ours: part of a file's name
inline constexpr std::size_t longest_kafka_name = 249;  // of topics; groups are held to the same

// What is wrong with a name, complete with its rule; empty if nothing: letters and digits of ASCII,
// `.`, `_` and `-`, and it starts with neither `.` nor `-`.
[[nodiscard]] std::string wrong_name(std::string_view name, std::size_t longest);

}  // namespace seatrial
