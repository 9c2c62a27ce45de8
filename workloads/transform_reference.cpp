// memcpy in host order: every machine that this runs on is little-endian.
#include "workloads/transform_reference.hpp"

#include <bit>
#include <cstring>

#include "core/check.hpp"

namespace seatrial::workloads {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t magic = 0x4d524658;  // "XFRM"
constexpr std::size_t at = ledger::identity_bytes;

template <class T>
void put(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

template <class T>
T get(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

void write_reference(std::span<std::byte> value, const TransformReference& reference) {
  check(value.size() >= at + reference_bytes, "a transform's output has room for its reference");
  put(&value[at], magic);
  put(&value[at + 4], reference.partition);
  put(&value[at + 8], reference.offset);
  put(&value[at + 16], reference.message);
}

std::optional<TransformReference> read_reference(std::span<const std::byte> value) {
  if (value.size() < at + reference_bytes) return std::nullopt;
  if (get<std::uint32_t>(&value[at]) != magic) return std::nullopt;
  return TransformReference{.partition = get<std::int32_t>(&value[at + 4]),
                            .offset = get<std::int64_t>(&value[at + 8]),
                            .message = get<std::uint64_t>(&value[at + 16])};
}

}  // namespace seatrial::workloads
