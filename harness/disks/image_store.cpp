// A bitmap of dirty blocks beside a sparse mapping of their contents.
#include "disks/image_store.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "core/check.hpp"

namespace seatrial::disks {
namespace {

constexpr std::uint64_t word_bits = 64;

}  // namespace

ImageStore::ImageStore(Medium& medium, std::uint64_t size) : medium_(medium), size_(size) {
  check(size > 0 && size % block_size == 0, "a disk consists of whole blocks");
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "no room for a disk's cache");
  cache_ = static_cast<std::byte*>(mapped);
  dirty_.resize((size / block_size + word_bits - 1) / word_bits);
}

ImageStore::~ImageStore() { munmap(cache_, size_); }

bool ImageStore::is_dirty(std::uint64_t block) const {
  return (dirty_[block / word_bits] >> (block % word_bits) & 1U) != 0;
}

void ImageStore::mark_dirty(std::uint64_t block) {
  if (is_dirty(block)) return;
  dirty_[block / word_bits] |= std::uint64_t{1} << (block % word_bits);
  ++dirty_count_;
}

ImageStore::Run ImageStore::next_dirty(std::uint64_t block) const {
  const std::uint64_t blocks = size_ / block_size;
  while (block < blocks && !is_dirty(block)) {
    const std::uint64_t rest = dirty_[block / word_bits] >> (block % word_bits);
    // An empty word is passed as a whole.
    block = rest == 0 ? (block / word_bits + 1) * word_bits
                      : block + static_cast<std::uint64_t>(std::countr_zero(rest));
  }
  Run run{std::min(block, blocks), std::min(block, blocks)};
  while (run.end < blocks && is_dirty(run.end)) ++run.end;
  return run;
}

void ImageStore::check_range(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size_ || length > size_ - offset)
    throw std::out_of_range("beyond the end of the disk");
}

void ImageStore::read(std::uint64_t offset, std::span<std::byte> into) const {
  check_range(offset, into.size());
  while (!into.empty()) {
    const std::uint64_t block = offset / block_size;
    const bool dirty = is_dirty(block);
    std::uint64_t end = block + 1;  // of the blocks that lie where this one does
    while (end * block_size < offset + into.size() && is_dirty(end) == dirty) ++end;
    const auto length = std::min<std::uint64_t>(into.size(), end * block_size - offset);
    if (dirty) std::memcpy(into.data(), cache_ + offset, length);
    else medium_.read(offset, into.first(length));
    into = into.subspan(length);
    offset += length;
  }
}

// Of a block that is written in part the rest comes from the medium.
void ImageStore::fill_in(std::uint64_t block) {
  if (!is_dirty(block)) medium_.read(block * block_size, {cache_ + block * block_size, block_size});
}

void ImageStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  check_range(offset, data.size());
  if (data.empty()) return;
  const std::uint64_t end = offset + data.size();
  const std::uint64_t first = offset / block_size;
  const std::uint64_t last = (end - 1) / block_size;
  if (offset % block_size != 0) fill_in(first);
  if (end % block_size != 0 && (last != first || offset % block_size == 0)) fill_in(last);
  std::memcpy(cache_ + offset, data.data(), data.size());
  for (std::uint64_t block = first; block <= last; ++block) mark_dirty(block);
}

std::uint64_t ImageStore::flush() {
  for (Run run = next_dirty(0); run.begin != run.end; run = next_dirty(run.end)) {
    medium_.write(run.begin * block_size,
                  {cache_ + run.begin * block_size, (run.end - run.begin) * block_size});
  }
  return drop();
}

std::uint64_t ImageStore::drop() {
  const std::uint64_t bytes = unflushed();
  forget_all();
  return bytes;
}

void ImageStore::forget_all() {
  for (Run run = next_dirty(0); run.begin != run.end; run = next_dirty(run.end))
    madvise(cache_ + run.begin * block_size, (run.end - run.begin) * block_size, MADV_DONTNEED);
  std::ranges::fill(dirty_, 0);
  dirty_count_ = 0;
}

}  // namespace seatrial::disks
