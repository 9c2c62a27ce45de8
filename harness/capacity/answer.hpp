// A search's answer in sentences. Pure.
#pragma once

#include <string>
#include <vector>

#include "capacity/bound.hpp"
#include "capacity/course.hpp"

namespace seatrial::capacity {

// "8,000/s (7.8 MiB/s)".
[[nodiscard]] std::string load_text(double per_s, double message_bytes);
// "between 8,000/s (...) and 8,400/s (...), bound by ...".
[[nodiscard]] std::string answer_text(const SearchState& state, const Bound& bound);
// Drift, contested loads, what was not tested, and why its upper bound failed.
[[nodiscard]] std::vector<std::string> notes_of(const SearchState& state);
// Of brokers and generator on one machine: what each used of its cores.
[[nodiscard]] std::string shared_text(int cores, double brokers_cpu, double generator_cpu);
// How many more lanes or machines the generator needs; empty where it is not the limit.
[[nodiscard]] std::string generator_needs(const SearchState& state, int lanes, int cores);

}  // namespace seatrial::capacity
