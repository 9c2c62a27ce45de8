// Stamping, reading and checking a message's identity; the layout is in identity.hpp.
#include "ledger/identity.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/check.hpp"
#include "core/crc32c.hpp"

namespace seatrial::ledger {
namespace {

constexpr std::uint32_t magic = 0x54414553;  // "SEAT", little-endian
constexpr std::size_t magic_at = 0;
constexpr std::size_t tag_at = 4;
constexpr std::size_t id_at = 8;
constexpr std::size_t intended_at = 16;
constexpr std::size_t crc_at = 24;
constexpr int seq_bits = 40;

static_assert(std::endian::native == std::endian::little, "identities are stored little-endian");

template <class T>
void put(std::span<std::byte> value, std::size_t at, T what) {
  std::memcpy(value.data() + at, &what, sizeof what);
}
template <class T>
T get(std::span<const std::byte> value, std::size_t at) {
  T what{};
  std::memcpy(&what, value.data() + at, sizeof what);
  return what;
}

std::uint32_t checksum(std::span<const std::byte> value) {
  return crc32c(value.subspan(identity_bytes), crc32c(value.first(crc_at)));
}

}  // namespace

void stamp(std::span<std::byte> value, const Identity& identity) {
  check(value.size() >= identity_bytes, "a message is too small for its identity");
  check(identity.stream.value <= max_stream, "a stream number needs more than 24 bits");
  check(identity.seq.value <= max_seq, "a sequence number needs more than 40 bits");
  put(value, magic_at, magic);
  put(value, tag_at, identity.trial_tag);
  put(value, id_at, std::uint64_t{identity.stream.value} << seq_bits | identity.seq.value);
  put(value, intended_at, identity.intended_ns);
  put(value, crc_at, checksum(value));
}

std::uint32_t filler_sum(std::span<const std::byte> value) {
  return crc32c(value.subspan(identity_bytes));
}

void restamp(const Restamping& run) {
  constexpr std::size_t step = 256;  // messages that stay in the nearest cache in between
  const std::size_t n = run.at.size();
  check(run.filler_sums.size() == n && run.intended_ns.size() == n, "messages of one run");
  check(run.stream.value <= max_stream, "a stream number needs more than 24 bits");
  check(run.first.value + n <= max_seq + 1, "a sequence number needs more than 40 bits");
  const std::uint64_t id = std::uint64_t{run.stream.value} << seq_bits | run.first.value;
  std::uint32_t sums[step];
  for (std::size_t from = 0; from < n; from += step) {
    const std::size_t end = std::min(n, from + step);
    for (std::size_t i = from; i < end; ++i) {
      std::byte* const value = run.base + run.at[i];
      const std::uint64_t of_this = id + i;
      std::memcpy(value + id_at, &of_this, sizeof of_this);
      std::memcpy(value + intended_at, &run.intended_ns[i], sizeof(std::int64_t));
    }
    crc32c_each(run.base, run.at.subspan(from, end - from), crc_at, sums);
    for (std::size_t i = from; i < end; ++i) {
      const std::uint32_t sum = run.join(sums[i - from], run.filler_sums[i]);
      std::memcpy(run.base + run.at[i] + crc_at, &sum, sizeof sum);
    }
  }
}

Reading read(std::span<const std::byte> value, Identity& identity) {
  identity = {};
  if (value.size() < identity_bytes) return Reading::corrupt;
  const auto id = get<std::uint64_t>(value, id_at);
  identity.trial_tag = get<std::uint32_t>(value, tag_at);
  identity.stream = StreamId{static_cast<std::uint32_t>(id >> seq_bits)};
  identity.seq = Seq{id & max_seq};
  identity.intended_ns = get<std::int64_t>(value, intended_at);
  if (get<std::uint32_t>(value, magic_at) != magic) return Reading::corrupt;
  return get<std::uint32_t>(value, crc_at) == checksum(value) ? Reading::good : Reading::corrupt;
}

bool explains(std::span<const std::byte> value, const Identity& identity) {
  if (value.size() < identity_bytes) return false;
  std::byte head[identity_bytes];
  std::memcpy(head, value.data(), identity_bytes);
  const std::span<std::byte> repaired{head};
  put(repaired, magic_at, magic);
  put(repaired, tag_at, identity.trial_tag);
  put(repaired, id_at, std::uint64_t{identity.stream.value} << seq_bits | identity.seq.value);
  const std::uint32_t sum = crc32c(value.subspan(identity_bytes), crc32c(repaired.first(crc_at)));
  return sum == get<std::uint32_t>(value, crc_at);
}

}  // namespace seatrial::ledger
