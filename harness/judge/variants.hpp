// What the trials of each variant add up to, and how sure it is that none of them lost anything.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/checker.hpp"
#include "core/view.hpp"

namespace seatrial::judge {

struct Variants {
  nlohmann::json rows;     // the record's `variants`, in the order in which they ran
  nlohmann::json columns;  // the record's `columns`
};
[[nodiscard]] Variants sum_variants(const std::vector<View>& trials);

// As the trial's record has it; unknown where it has none.
[[nodiscard]] Verdict verdict_of(const View& trial);

}  // namespace seatrial::judge
