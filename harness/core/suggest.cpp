// Nearest names by optimal string alignment: insertions, deletions, substitutions and swaps of
// neighbours cost one each; letter case costs nothing, because a wrong case is the likeliest slip.
#include "core/suggest.hpp"

#include <algorithm>
#include <cstddef>

namespace seatrial {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t distance(std::string_view a, std::string_view b) {
  // Three rows suffice: a swap looks back two.
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(previous);
    previous.swap(row);
  }
  return previous[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view wrong,
                                   std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const auto& candidate : candidates) {
    const auto limit = std::max<std::size_t>(1, std::max(wrong.size(), candidate.size()) / 3);
    const auto d = distance(wrong, candidate);
    // A name that shares no letter at all is no suggestion, however short both are.
    if (d > limit || d >= std::max(wrong.size(), candidate.size())) continue;
    if (best == nullptr || d < best_distance) {
      best = &candidate;
      best_distance = d;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates) {
  const auto name = nearest(wrong, candidates);
  return name ? " (did you mean '" + *name + "'?)" : std::string();
}

}  // namespace seatrial
