// One small value for each second, in a row: where every second has to be told from the next, and
// a map would take six times as much. Seconds in between that nothing was told of hold nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <utility>

namespace seatrial::measure {

template <class Value>
class BySecond {
 public:
  BySecond() = default;
  BySecond(std::initializer_list<std::pair<std::int64_t, Value>> values) {
    for (const auto& [second, value] : values) (*this)[second] = value;
  }
  // Of that second, made if there was nothing.
  Value& operator[](std::int64_t second) {
    if (values_.empty()) first_ = second;
    for (; second < first_; --first_) values_.emplace_front();
    while (second > last()) values_.emplace_back();
    auto& value = values_[static_cast<std::size_t>(second - first_)];
    if (!value) value.emplace();
    return *value;
  }
  // Null: there is nothing.
  [[nodiscard]] const Value* find(std::int64_t second) const {
    if (second < first_ || second > last()) return nullptr;
    const auto& value = values_[static_cast<std::size_t>(second - first_)];
    return value ? &*value : nullptr;
  }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  // Of what is not empty; both hold a value.
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t last() const {
    return first_ + static_cast<std::int64_t>(values_.size()) - 1;
  }
  // visit(second, value), ascending.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    std::int64_t second = first_;
    for (const auto& value : values_) {
      if (value) visit(second, *value);
      ++second;
    }
  }
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (std::int64_t second = first_; second <= last(); ++second) {
      auto& value = values_[static_cast<std::size_t>(second - first_)];
      if (value) visit(second, *value);
    }
  }
  friend bool operator==(const BySecond&, const BySecond&) = default;

 private:
  std::int64_t first_ = 0;
  std::deque<std::optional<Value>> values_;
};

}  // namespace seatrial::measure
