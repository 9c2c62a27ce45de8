// The blocks of a disk against a model that copies whole disks: what is read, what a flush keeps,
// and what a power cut takes.
#include "disks/image_store.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <stdexcept>
#include <system_error>

#include "support/catch.hpp"

namespace seatrial::disks {
namespace {

using Bytes = std::vector<std::byte>;
constexpr auto block = ImageStore::block_size;

class MemoryMedium final : public Medium {
 public:
  explicit MemoryMedium(std::uint64_t size) : bytes(size) {}
  void read(std::uint64_t offset, std::span<std::byte> into) override {
    std::memcpy(into.data(), bytes.data() + offset, into.size());
  }
  void write(std::uint64_t offset, std::span<const std::byte> data) override {
    if (broken) throw std::system_error(EIO, std::generic_category());
    std::memcpy(bytes.data() + offset, data.data(), data.size());
  }
  Bytes bytes;
  bool broken = false;
};

// As a disk would be that copies itself at each flush.
struct Model {
  explicit Model(std::uint64_t size) : flushed(size), current(size) {}
  void write(std::uint64_t offset, const Bytes& data) {
    if (data.empty()) return;
    std::ranges::copy(data, current.begin() + static_cast<std::ptrdiff_t>(offset));
    for (auto at = offset / block; at * block < offset + data.size(); ++at) touched.insert(at);
  }
  void flush() {
    flushed = current;
    touched.clear();
  }
  void drop() {
    current = flushed;
    touched.clear();
  }
  Bytes flushed, current;
  std::set<std::uint64_t> touched;  // blocks
};

Bytes some_bytes(std::mt19937& random, std::size_t count) {
  Bytes out(count);
  for (auto& byte : out) byte = static_cast<std::byte>(random());
  return out;
}

Bytes all_of(const ImageStore& store) {
  Bytes out(store.size());
  store.read(0, out);
  return out;
}

TEST_CASE("disks: a store tells what was written last, and a cut takes what was not flushed") {
  constexpr std::uint64_t size = 100 * block;
  std::mt19937 random(20260101);
  MemoryMedium medium(size);
  medium.bytes = some_bytes(random, size);
  ImageStore store(medium, size);
  Model model(size);
  model.current = model.flushed = medium.bytes;
  for (int step = 0; step < 4000; ++step) {
    const auto offset = random() % size;
    const auto most = random() % 4 == 0 ? 9 * block : 700;
    const auto length = std::min<std::uint64_t>(random() % most, size - offset);
    const auto kind = random() % 20;
    if (kind < 10) {
      const Bytes data = some_bytes(random, length);
      store.write(offset, data);
      model.write(offset, data);
    } else if (kind < 17) {
      Bytes got(length);
      store.read(offset, got);
      REQUIRE(std::ranges::equal(got, std::span(model.current).subspan(offset, length)));
    } else {
      REQUIRE(store.unflushed() == model.touched.size() * block);
      const auto count = kind == 19 ? store.drop() : store.flush();
      REQUIRE(count == model.touched.size() * block);
      kind == 19 ? model.drop() : model.flush();
      REQUIRE(store.unflushed() == 0);
      REQUIRE(medium.bytes == model.flushed);
    }
  }
  CHECK(all_of(store) == model.current);
}

TEST_CASE("disks: whole, empty and impossible ranges") {
  constexpr std::uint64_t size = 3 * block;
  MemoryMedium medium(size);
  ImageStore store(medium, size);
  std::mt19937 random(1);
  const Bytes whole = some_bytes(random, size);
  store.write(0, whole);
  CHECK(store.unflushed() == size);
  CHECK(all_of(store) == whole);
  store.write(size, {});
  CHECK_THROWS_AS(store.write(size, std::span(whole).first(1)), std::out_of_range);
  CHECK_THROWS_AS(store.write(UINT64_MAX, std::span(whole).first(2)), std::out_of_range);
  Bytes two(2);
  CHECK_THROWS_AS(store.read(size - 1, two), std::out_of_range);
  CHECK_THROWS_AS(ImageStore(medium, block + 1), std::logic_error);
}

TEST_CASE("disks: a flush that fails keeps everything for the next") {
  constexpr std::uint64_t size = 4 * block;
  MemoryMedium medium(size);
  ImageStore store(medium, size);
  std::mt19937 random(2);
  const Bytes data = some_bytes(random, block);
  store.write(2 * block, data);
  medium.broken = true;
  CHECK_THROWS_AS(store.flush(), std::system_error);
  CHECK(store.unflushed() == block);
  medium.broken = false;
  CHECK(store.flush() == block);
  CHECK(std::ranges::equal(std::span(medium.bytes).subspan(2 * block, block), data));
}

}  // namespace
}  // namespace seatrial::disks
