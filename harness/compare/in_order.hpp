// A map of few names that keeps the order in which they came first. Not thread-safe.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace seatrial::compare {

template <class Value>
class InOrder {
 public:
  // Enters the name if it is new; that makes earlier references into it invalid.
  Value& operator[](const std::string& name) {
    const auto at = std::ranges::find(entries_, name, &std::pair<std::string, Value>::first);
    if (at != entries_.end()) return at->second;
    return entries_.emplace_back(name, Value{}).second;
  }
  [[nodiscard]] const auto& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace seatrial::compare
