// The header's layout, in bytes from its beginning:
//
//     0 base offset (8)      8 length of what follows (4)   12 leader epoch (4)    16 magic (1)
//    17 CRC32C (4)          21 attributes (2)               23 last offset delta (4)
//    27 base timestamp (8)  35 maximal timestamp (8)        43 producer id (8)
//    51 producer epoch (2)  53 base sequence (4)            57 number of records (4)   61 records
//
// The checksum covers everything from the attributes on.
#include "kafka/wire/record_batch.hpp"

#include <limits>

#include "core/crc32c.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::size_t before_length_counts = 12;
constexpr std::size_t magic_at = 16;
constexpr std::size_t crc_ends = 21;
constexpr std::size_t header_bytes = 61;
constexpr std::int8_t format_v2 = 2;
// An end of the offsets, far enough that none of the sums below overflows.
constexpr std::int64_t offsets_end = std::numeric_limits<std::int64_t>::max() / 2;

enum Attribute : unsigned { codec_bits = 7, log_append_time = 8, transactional = 16, control = 32 };

// The size of the batch that `bytes` begins with, or 0 if it is not whole.
std::size_t whole_batch(BytesView bytes) {
  if (bytes.size() <= magic_at) return 0;
  const auto length = load_big_endian<std::int32_t>(bytes.data() + 8);
  const std::uint64_t size =
      length < 0 ? 0 : static_cast<std::uint64_t>(length) + before_length_counts;
  return size > bytes.size() ? 0 : size;
}

std::int64_t base_offset(BytesView bytes) { return load_big_endian<std::int64_t>(bytes.data()); }

// Empty if the batch is one that can be read.
std::string why_unreadable(BytesView batch) {
  const auto magic = std::to_integer<int>(batch[magic_at]);
  if (magic != format_v2) return "message format v" + std::to_string(magic);
  if (batch.size() < header_bytes) return "a record batch shorter than its header";
  if (base_offset(batch) < 0 || base_offset(batch) > offsets_end ||
      load_big_endian<std::int32_t>(batch.data() + 23) < 0) {
    return "a record batch with impossible offsets";
  }
  return {};
}

void read_header(BytesView bytes, Batch& out) {
  Cursor in(bytes);
  LogBatch& header = out.header;
  header.seen = true;
  header.base_offset = in.int64();
  in.int32();  // length
  header.leader_epoch = in.int32();
  in.int8();  // magic
  out.crc = static_cast<std::uint32_t>(in.int32());
  const auto attributes = static_cast<std::uint16_t>(in.int16());
  header.last_offset = header.base_offset + in.int32();
  out.base_timestamp_ms = in.int64();
  header.max_timestamp_ms = in.int64();
  header.producer_id = in.int64();
  header.producer_epoch = in.int16();
  header.base_sequence = in.int32();
  out.record_count = in.int32();
  header.log_append_time = (attributes & log_append_time) != 0;
  header.transactional = (attributes & transactional) != 0;
  header.control = (attributes & control) != 0;
  out.codec = static_cast<Codec>(attributes & codec_bits);
  out.records = bytes.subspan(header_bytes);
  out.under_crc = bytes.subspan(crc_ends);
}

}  // namespace

bool crc_holds(const Batch& batch) { return crc32c(batch.under_crc) == batch.crc; }

bool BatchScan::stop(std::string why) {
  trouble_ = std::move(why);
  rest_ = {};
  return false;
}

bool BatchScan::next(Batch& out) {
  if (rest_.size() <= magic_at) return false;
  const std::size_t size = whole_batch(rest_);
  const auto magic = std::to_integer<int>(rest_[magic_at]);
  // Told before the rest of it is there: an old format, or no log at all.
  if (magic != format_v2) return stop("message format v" + std::to_string(magic));
  if (load_big_endian<std::int32_t>(rest_.data() + 8) < 0) return stop("a negative batch size");
  if (size == 0) return false;
  const BytesView batch = rest_.first(size);
  if (std::string why = why_unreadable(batch); !why.empty()) return stop(std::move(why));
  read_header(batch, out);
  rest_ = rest_.subspan(size);
  return true;
}

std::optional<std::int64_t> offset_after(BytesView bytes) {
  std::optional<std::int64_t> after;
  for (std::size_t size = whole_batch(bytes); size > 0; size = whole_batch(bytes)) {
    const BytesView batch = bytes.first(size);
    if (!why_unreadable(batch).empty()) return std::nullopt;
    after = base_offset(batch) + load_big_endian<std::int32_t>(batch.data() + 23) + 1;
    bytes = bytes.subspan(size);
  }
  return after;
}

Marker marker_of(const LogRecord& control) {
  Cursor in(control.key);
  in.int16();  // version
  const std::int16_t type = in.int16();
  if (!in.ok()) return Marker::other;
  return type == 0 ? Marker::abort : type == 1 ? Marker::commit : Marker::other;
}

const std::byte* detail::skip_headers(const std::byte* at, const std::byte* end,
                                      std::int64_t count) {
  BytesView ignored;
  // Each takes two bytes at least, so a false count ends soon.
  for (std::int64_t i = 0; i < count && at != nullptr; ++i) {
    at = read_bytes(at, end, ignored);
    if (at != nullptr && ignored.data() == nullptr) return nullptr;  // a header has a name
    if (at != nullptr) at = read_bytes(at, end, ignored);
  }
  return count < 0 ? nullptr : at;
}

}  // namespace seatrial::kafka::wire
