// What runs measured, by variant and metric: the same metrics for whoever sets runs beside each
// other or in a row.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "compare/in_order.hpp"
#include "core/view.hpp"

namespace seatrial::compare {

// Variant -> question, as in p99(produce.response) -> run -> a value of each trial in which it is
// known, in the unit of its kind (nanoseconds, per second, shares, counts).
using Values = InOrder<InOrder<std::map<std::size_t, std::vector<double>>>>;

enum class Which { all_trials, valid_trials };  // valid: came to their end, and are not void

// Adds those of one run, of what its scenario asks, what runs added before asked of the variant,
// and what is usually wanted.
void add_values(const View& record, std::size_t run, Which which, Values& out);

// {metric, unit (ns, /s, share or empty), more_is_better}; null for what is no question.
[[nodiscard]] nlohmann::json describe_metric(const std::string& question);

// {trials, median, least, most}; null without values.
[[nodiscard]] nlohmann::json describe_values(std::vector<double> values);

// {folder, id, scenario, started_at, verdict, program, labels {}}
[[nodiscard]] nlohmann::json describe_run(const std::string& folder, const View& record);

}  // namespace seatrial::compare
