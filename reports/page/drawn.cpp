// Variants that did not pass come first where there are too many.
#include "reports/page/drawn.hpp"

#include <algorithm>
#include <numeric>

#include "reports/summary.hpp"

namespace seatrial::reports::page {

std::vector<std::size_t> drawn_trials(const View& record) {
  const std::size_t all = record["trials"].size();
  std::vector<std::size_t> out;
  if (all <= few) {
    out.resize(all);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
  }
  auto variants = trials_by_variant(record);
  std::ranges::stable_partition(variants, [](const VariantTrials& variant) {
    return std::ranges::any_of(variant.trials, [](const View& trial) {
      return trial["status"].present() && !trial["verdict"].is("pass");
    });
  });
  if (variants.size() > most_variants) variants.resize(most_variants);
  for (const auto& variant : variants) out.push_back(variant.places[shown_place(variant.trials)]);
  std::ranges::sort(out);
  return out;
}

}  // namespace seatrial::reports::page
