// Encoding messages, once or each time.
#include "workloads/wire_batch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/check.hpp"
#include "core/crc32c.hpp"

namespace seatrial::workloads {
namespace {

using kafka::wire::batch_header_bytes;
using kafka::wire::BytesView;
using kafka::wire::Codec;

struct KeyText {
  explicit KeyText(std::uint64_t key) {
    const auto end = std::to_chars(digits.begin(), digits.end(), key).ptr;
    size = static_cast<std::size_t>(end - digits.begin());
  }
  [[nodiscard]] BytesView bytes() const { return std::as_bytes(std::span(digits.data(), size)); }
  std::array<char, 20> digits{};
  std::size_t size = 0;
};

}  // namespace

WireEncoder::WireEncoder(Setting setting)
    : setting_(std::move(setting)), compressor_(setting_.codec) {
  check(setting_.batch_messages > 0, "a batch holds a message");
  setting_.batch_messages =
      std::min<std::size_t>(setting_.batch_messages, ledger::LaneLedger::most_in_run);
  if (!alike()) return;
  std::size_t at = records_at();
  const std::size_t limit = setting_.head.size() + setting_.batch_bytes;
  while (most_alike_ < setting_.batch_messages) {
    const std::size_t end = at + size_of({.size = setting_.size}, most_alike_);
    if (most_alike_ > 0 && end > limit) break;
    value_at_.push_back(static_cast<std::uint32_t>(end - 1 - setting_.size));
    ends_at_.push_back(static_cast<std::uint32_t>(end));
    ++most_alike_;
    at = end;
  }
  join_ = std::make_unique<Crc32cJoin>(setting_.size - ledger::identity_bytes);
}

std::size_t WireEncoder::records_at() const { return setting_.head.size() + batch_header_bytes; }

std::size_t WireEncoder::size_of(const MessageShape& shape, std::size_t index) const {
  const std::int64_t key =
      setting_.keys ? static_cast<std::int64_t>(KeyText(shape.key).size) : std::int64_t{-1};
  return kafka::wire::record_bytes(key, shape.size, static_cast<std::int64_t>(index));
}

std::size_t WireEncoder::most_bytes() const {
  return size_of({.size = setting_.most_size, .key = UINT64_MAX}, setting_.batch_messages);
}

WireEncoder::Fit WireEncoder::fit(std::size_t messages,
                                  std::span<const MessageShape> shapes) const {
  const std::size_t most = alike() ? most_alike_ : setting_.batch_messages;
  if (alike()) messages = std::min(messages, most);
  std::size_t bytes = batch_header_bytes;
  for (std::size_t n = 0; n < messages && !alike(); ++n) {
    bytes += size_of(shapes[n], n);
    if (n == most || (n > 0 && bytes > setting_.batch_bytes)) {
      return {.messages = n, .full = true, .filling = n == most ? n - 1 : n};
    }
  }
  if (messages == most) return {.messages = most, .full = true, .filling = most - 1};
  std::size_t missing = most - messages;
  if (!alike()) {
    const std::size_t room = setting_.batch_bytes - std::min(bytes, setting_.batch_bytes);
    missing = std::min(missing, room / most_bytes() + 1);
  }
  return {.messages = messages, .missing = missing};
}

void WireEncoder::encode(WireBatch& batch, const Stream& stream,
                         std::span<const MessageShape> shapes) {
  const std::size_t n = batch.intended_ns.size();
  check(n > 0 && (alike() || shapes.size() == n), "a batch has messages, and each a shape");
  batch.seal.codec = setting_.codec;
  batch.seal.records = static_cast<std::int32_t>(n);
  batch.seal.records_sum.reset();
  if (alike() && setting_.codec == Codec::none) return stamp_again(batch, stream);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < n; ++i) {
    bytes += size_of(alike() ? MessageShape{.size = setting_.size} : shapes[i], i);
  }
  const std::size_t room = records_at() + compressor_.bound(bytes);
  if (batch.bytes.size() < room) batch.bytes.resize(room);
  std::ranges::copy(setting_.head, batch.bytes.begin());
  std::byte* const records = batch.bytes.data() + records_at();
  if (setting_.codec == Codec::none) {
    put(records, batch, stream, shapes);
    batch.used = records_at() + bytes;
    return;
  }
  if (plain_.size() < bytes) plain_.resize(bytes);
  put(plain_.data(), batch, stream, shapes);
  batch.used = records_at() + compressor_(BytesView(plain_).first(bytes),
                                          std::span(batch.bytes).subspan(records_at()));
}

std::byte* WireEncoder::put(std::byte* at, const WireBatch& batch, const Stream& stream,
                            std::span<const MessageShape> shapes) {
  for (std::size_t i = 0; i < batch.intended_ns.size(); ++i) {
    const MessageShape shape = alike() ? MessageShape{.size = setting_.size} : shapes[i];
    const KeyText key(shape.key);
    const auto value = kafka::wire::put_record(
        at, static_cast<std::int64_t>(i), setting_.keys ? key.bytes() : BytesView(), shape.size);
    setting_.payloads.fill(value, {.trial_tag = setting_.trial_tag,
                                   .stream = stream.id,
                                   .seq = Seq(stream.first.value + i),
                                   .intended_ns = batch.intended_ns[i]});
  }
  return at;
}

void WireEncoder::stamp_again(WireBatch& batch, const Stream& stream) {
  const std::size_t n = batch.intended_ns.size();
  check(n <= most_alike_, "a batch holds as many messages as fit");
  if (batch.encoded < n) extend(batch, n);
  // In steps that the nearest cache holds, each summed while it is there.
  constexpr std::size_t step_bytes = 24'000;
  const std::size_t step = std::max<std::size_t>(1, step_bytes / setting_.size);
  std::uint32_t sum = 0;
  std::size_t summed_to = records_at();
  for (std::size_t from = 0; from < n; from += step) {
    const std::size_t count = std::min(step, n - from);
    ledger::restamp({.base = batch.bytes.data(),
                     .at = std::span(value_at_).subspan(from, count),
                     .filler_sums = std::span(batch.filler_sums).subspan(from, count),
                     .join = *join_,
                     .stream = stream.id,
                     .first = Seq(stream.first.value + from),
                     .intended_ns = std::span(batch.intended_ns).subspan(from, count)});
    const std::size_t end = ends_at_[from + count - 1];
    sum = crc32c(std::span(batch.bytes).first(end).subspan(summed_to), sum);
    summed_to = end;
  }
  batch.seal.records_sum = sum;
  batch.used = ends_at_[n - 1];
}

// Twice as many as are asked for, as far as a batch goes: lanes of low rates need few.
void WireEncoder::extend(WireBatch& batch, std::size_t messages) {
  const std::size_t n = std::min(most_alike_, 2 * messages);
  batch.bytes.resize(ends_at_[n - 1]);
  std::ranges::copy(setting_.head, batch.bytes.begin());
  for (; batch.encoded < n; ++batch.encoded) {
    const std::size_t i = batch.encoded;
    std::byte* at = batch.bytes.data() + (i == 0 ? records_at() : ends_at_[i - 1]);
    const auto value = kafka::wire::put_record(at, static_cast<std::int64_t>(i), {}, setting_.size);
    setting_.payloads.fill(value, {.trial_tag = setting_.trial_tag});
    batch.filler_sums.push_back(ledger::filler_sum(value));
  }
}

}  // namespace seatrial::workloads
