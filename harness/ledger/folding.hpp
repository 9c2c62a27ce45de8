// A table of cells in shared memory that grows coarser, not larger: a cell stands for 2^shift
// neighbouring keys, and when a key lies beyond the last cell, cells are joined two by two and the
// shift grows by one. For ledger.cpp; a Cell is 16 bytes, all zero when empty, with add(Cell).
//
// Joining writes into the other of two buffers and then publishes it in one store, so a process
// that is killed in the middle leaves the old cells intact. One writer; `read_folding` may run
// meanwhile in any process and sees cells as they are at some point of its reading.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace seatrial::ledger {

// The lane's view. `capacity`: cells of a buffer, a power of two; `cells`: two buffers in a row.
template <class Cell>
class Folding {
 public:
  Folding() = default;
  // `published`: the shift, in the shared mapping; its parity tells the buffer in use.
  Folding(std::atomic<std::uint32_t>* published, Cell* cells, std::uint64_t capacity)
      : published_(published), cells_(cells), capacity_(capacity) {
    select(published->load(std::memory_order_relaxed));
  }

  [[nodiscard]] Cell& at(std::uint64_t key) {
    while (key >> shift_ >= capacity_) fold();
    return current_[key >> shift_];
  }
  // How many keys from `key` on are in the same cell. After at(key).
  [[nodiscard]] std::uint64_t left_in_cell(std::uint64_t key) const {
    return (((key >> shift_) + 1) << shift_) - key;
  }

 private:
  void select(std::uint32_t shift) {
    shift_ = shift;
    current_ = cells_ + (shift & 1) * capacity_;
  }
  void fold() {
    Cell* const to = cells_ + ((shift_ + 1) & 1) * capacity_;
    for (std::uint64_t i = 0; i < capacity_ / 2; ++i) {
      to[i] = current_[2 * i];
      to[i].add(current_[2 * i + 1]);
    }
    // Left over from two foldings ago.
    for (std::uint64_t i = capacity_ / 2; i < capacity_; ++i) to[i] = {};
    // Acquire as well: writes to the buffer left now must not move before this.
    published_->exchange(shift_ + 1, std::memory_order_acq_rel);
    select(shift_ + 1);
  }

  std::atomic<std::uint32_t>* published_ = nullptr;
  Cell* cells_ = nullptr;
  Cell* current_ = nullptr;
  std::uint64_t capacity_ = 0;
  std::uint32_t shift_ = 0;
};

// The shift and a copy of the cells of keys below `end`: what lies beyond was never touched, and
// looking at it would cost memory.
template <class Cell>
std::pair<std::uint32_t, std::vector<Cell>> read_folding(
    std::atomic<std::uint32_t>& published, const Cell* cells, std::uint64_t capacity,
    std::uint64_t end) {
  for (;;) {
    const std::uint32_t shift = published.load(std::memory_order_acquire);
    const Cell* const from = cells + (shift & 1) * capacity;
    const std::uint64_t used = end == 0 ? 0 : std::min(capacity, ((end - 1) >> shift) + 1);
    std::vector<Cell> out(from, from + used);
    // A write that changes nothing, so that the copying above cannot move behind this second look.
    if (published.fetch_add(0, std::memory_order_acq_rel) == shift) return {shift, std::move(out)};
  }
}

}  // namespace seatrial::ledger
