// Packing records, and finding them again in whatever pieces the pipe gives.
#include "workers/worker_records.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/check.hpp"
#include "core/crc32c.hpp"

namespace seatrial::workers {
namespace {

using Kind = WorkerRecord::Kind;

constexpr std::size_t body_at = 8, text_at = 56;
constexpr std::size_t part_bytes = record_bytes - body_at;

bool is_part(Kind kind) { return kind >= Kind::hello_part; }

template <class T>
void put(std::byte*& at, T value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

template <class T>
T get(const std::byte*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

std::uint32_t checksum(std::span<const std::byte> record) {
  return crc32c(record.subspan(sizeof(std::uint32_t)));
}

WorkerRecord decode(std::span<const std::byte, record_bytes> bytes) {
  const std::byte* at = bytes.data();
  const auto crc = get<std::uint32_t>(at);
  const auto kind = get<std::uint8_t>(at);
  const auto length = get<std::uint8_t>(at);
  const bool known = kind >= static_cast<std::uint8_t>(Kind::ready) &&
                     kind <= static_cast<std::uint8_t>(Kind::refusal_part);
  if (crc != checksum(bytes) || !known || length > part_bytes) {
    throw InfrastructureError("a member's records cannot be read: something else is among them");
  }
  WorkerRecord out;
  out.kind = static_cast<Kind>(kind);
  const auto text_from = is_part(out.kind) ? body_at : text_at;
  const auto room = record_bytes - text_from;
  out.text.assign(reinterpret_cast<const char*>(bytes.data() + text_from),
                  std::min<std::size_t>(length, room));
  if (is_part(out.kind)) return out;
  at = bytes.data() + body_at;
  out.partition = get<std::int32_t>(at);
  out.stream = get<std::uint32_t>(at);
  out.generation = get<std::uint32_t>(at);
  at += 4;
  out.seq = get<std::uint64_t>(at);
  out.offset = get<std::int64_t>(at);
  out.intended_ns = get<std::int64_t>(at);
  out.at_ns = get<std::int64_t>(at);
  return out;
}

}  // namespace

void encode(const WorkerRecord& record, std::vector<std::byte>& out) {
  std::array<std::byte, record_bytes> bytes{};
  const auto text_from = is_part(record.kind) ? body_at : text_at;
  const auto length = std::min(record.text.size(), record_bytes - text_from);
  std::byte* at = bytes.data() + sizeof(std::uint32_t);
  put(at, static_cast<std::uint8_t>(record.kind));
  put(at, static_cast<std::uint8_t>(length));
  if (!is_part(record.kind)) {
    at = bytes.data() + body_at;
    put(at, record.partition);
    put(at, record.stream);
    put(at, record.generation);
    at += 4;
    put(at, record.seq);
    put(at, record.offset);
    put(at, record.intended_ns);
    put(at, record.at_ns);
  }
  std::memcpy(bytes.data() + text_from, record.text.data(), length);
  at = bytes.data();
  put(at, checksum(bytes));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void encode_text(Kind kind, std::string_view text, std::vector<std::byte>& out) {
  WorkerRecord part;
  part.kind = kind;
  for (; !text.empty(); text.remove_prefix(part.text.size())) {
    part.text = text.substr(0, part_bytes);
    encode(part, out);
  }
  part.text.clear();
  encode(part, out);
}

void RecordReader::feed(std::span<const std::byte> bytes,
                        const std::function<void(const WorkerRecord&)>& take) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  for (; rest_.size() - used >= record_bytes; used += record_bytes) {
    take(decode(std::span(rest_).subspan(used).first<record_bytes>()));
  }
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(used));
}

std::optional<std::string> TextJoiner::add(const WorkerRecord& part) {
  std::string& whole = begun_[part.kind];
  whole += part.text;
  if (!part.text.empty()) return std::nullopt;
  return std::exchange(whole, {});
}

}  // namespace seatrial::workers
