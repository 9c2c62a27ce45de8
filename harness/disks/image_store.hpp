// The blocks of a disk with a cache that power loss empties. What is written lies in the cache
// until a flush carries it to the medium; a read sees what was written last, wherever it lies;
// `drop` is the power loss. A flush is whole: no part of one is ever lost (disks of today would
// tear between sectors, which file systems with a journal expect and Kafka's batches have checksums
// for).
//
// Blocks of 4 KiB, in one mapping as large as the disk of which only what is unflushed takes
// memory. Not thread-safe. What the medium throws is passed on; of a flush that failed nothing is
// forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace seatrial::disks {

// Where flushed blocks lie. Throws std::system_error.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual void read(std::uint64_t offset, std::span<std::byte> into) = 0;
  virtual void write(std::uint64_t offset, std::span<const std::byte> data) = 0;
};

class ImageStore {
 public:
  static constexpr std::uint64_t block_size = 4096;

  // `size` is a multiple of block_size. The medium outlives the store.
  ImageStore(Medium& medium, std::uint64_t size);
  ~ImageStore();
  ImageStore(const ImageStore&) = delete;
  ImageStore& operator=(const ImageStore&) = delete;

  // Both throw std::out_of_range beyond the disk's end.
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  void write(std::uint64_t offset, std::span<const std::byte> data);
  // Both return how many bytes they were about: whole blocks.
  std::uint64_t flush();
  std::uint64_t drop();
  [[nodiscard]] std::uint64_t unflushed() const { return dirty_count_ * block_size; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Run {
    std::uint64_t begin = 0, end = 0;  // blocks
  };
  [[nodiscard]] bool is_dirty(std::uint64_t block) const;
  void mark_dirty(std::uint64_t block);
  // The first run of dirty blocks from `block` on; an empty one at the end.
  [[nodiscard]] Run next_dirty(std::uint64_t block) const;
  void fill_in(std::uint64_t block);
  void forget_all();
  void check_range(std::uint64_t offset, std::uint64_t length) const;

  Medium& medium_;
  std::uint64_t size_;
  std::byte* cache_ = nullptr;        // valid where dirty
  std::vector<std::uint64_t> dirty_;  // a bit for each block
  std::uint64_t dirty_count_ = 0;
};

}  // namespace seatrial::disks
