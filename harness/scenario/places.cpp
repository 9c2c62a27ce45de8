// The text is parsed once more, which it was able to be before.
#include "scenario/places.hpp"

#include "scenario/document.hpp"

namespace seatrial::scenario {

std::string written_at(const Plan& plan, const std::vector<std::string>& keys) {
  std::string path;
  for (const auto& key : keys) path += (path.empty() ? "" : ".") + key;
  for (auto setting = plan.settings.rbegin(); setting != plan.settings.rend(); ++setting) {
    if (setting->starts_with(path + "=")) return "--set " + *setting;
  }
  Problems ignored;
  const auto root = parse_document(plan.text, 0, ignored);
  if (!root) return plan.path;
  const Node* node = &*root;
  Place place{0, 1, 1};
  for (const auto& key : keys) {
    const auto* entry = node->find(key);
    if (entry == nullptr) break;
    place = key == keys.back() ? entry->value.place : entry->place;
    node = &entry->value;
  }
  return plan.path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace seatrial::scenario
