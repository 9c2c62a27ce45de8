// A growing array in blocks: unlike std::vector it never copies what it holds, so that ten million
// operations cost their size once and not twice. Elements are plain values and are never removed.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

namespace seatrial::operations {

template <class T>
class Blocks {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  void push_back(const T& value) {
    if (size_ % block == 0) blocks_.push_back(std::make_unique_for_overwrite<T[]>(block));
    blocks_.back()[size_ % block] = value;
    ++size_;
  }
  [[nodiscard]] const T& operator[](std::size_t i) const { return blocks_[i / block][i % block]; }
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / block][i % block]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t block = 1 << 14;
  std::vector<std::unique_ptr<T[]>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace seatrial::operations
