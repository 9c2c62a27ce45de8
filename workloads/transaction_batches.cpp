// Filling, sealing, taking out.
#include "workloads/transaction_batches.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "kafka/wire/batch_writer.hpp"

namespace seatrial::workloads {

using kafka::wire::batch_header_bytes;

TransactionBatches::TransactionBatches(int partitions, const WireSettings& settings)
    : settings_(settings),
      compressor_(settings.codec),
      parts_(static_cast<std::size_t>(partitions)) {}

void TransactionBatches::begin(kafka::wire::ProducerIdentity producer) {
  check(empty(), "a transaction's batches are gone before the next one begins");
  if (producer == producer_) return;
  producer_ = producer;
  for (Part& each : parts_) each.sequence = 0;
}

bool TransactionBatches::takes(std::size_t value_bytes) const {
  if (empty()) return true;  // however large
  return messages_ < settings_.queue_messages && bytes_ + value_bytes <= settings_.queue_bytes;
}

void TransactionBatches::add(const MessageClient::Message& message, std::int64_t now_ns) {
  check(message.value.data() != nullptr, "a transaction holds no tombstones");
  const std::int64_t key =
      message.key.data() == nullptr ? -1 : static_cast<std::int64_t>(message.key.size());
  const std::size_t most = kafka::wire::record_bytes(
      key, message.value.size(), static_cast<std::int64_t>(settings_.batch_messages));
  TransactionBatch& batch = filling(message.partition, most, now_ns);
  const auto index = static_cast<std::int64_t>(batch.slots.size());
  const std::size_t used = batch.bytes.size();
  batch.bytes.resize(used + kafka::wire::record_bytes(key, message.value.size(), index));
  std::byte* at = batch.bytes.data() + used;
  const auto place = kafka::wire::put_record(at, index, message.key, message.value.size());
  std::ranges::copy(message.value, place.begin());
  batch.slots.push_back(message.index);
  batch.value_bytes += message.value.size();
  ++messages_;
  bytes_ += message.value.size();
}

// With room for such a record.
TransactionBatch& TransactionBatches::filling(std::int32_t partition, std::size_t record_bytes,
                                              std::int64_t now_ns) {
  auto& line = part(partition).line;
  if (!line.empty() && !line.back().sealed) {
    TransactionBatch& last = line.back();
    if (last.slots.size() < settings_.batch_messages &&
        last.bytes.size() + record_bytes <= settings_.batch_bytes) {
      return last;
    }
    seal(last);
  }
  TransactionBatch& fresh = line.emplace_back();
  fresh.partition = partition;
  fresh.bytes.resize(batch_header_bytes);
  if (settings_.message_timeout_ns < INT64_MAX - now_ns)
    fresh.expires_ns = now_ns + settings_.message_timeout_ns;
  return fresh;
}

void TransactionBatches::compress(kafka::wire::Bytes& bytes) {
  if (settings_.codec == kafka::wire::Codec::none) return;
  const auto records = kafka::wire::BytesView(bytes).subspan(batch_header_bytes);
  kafka::wire::Bytes out(batch_header_bytes + compressor_.bound(records.size()));
  out.resize(batch_header_bytes + compressor_(records, std::span(out).subspan(batch_header_bytes)));
  bytes = std::move(out);
}

void TransactionBatches::seal(TransactionBatch& batch) {
  compress(batch.bytes);
  Part& of = part(batch.partition);
  const auto count = static_cast<std::int32_t>(batch.slots.size());
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  kafka::wire::seal_batch(batch.bytes,
                          {.codec = settings_.codec,
                           .records = count,
                           .timestamp_ms = std::chrono::duration_cast<milliseconds>(wall).count(),
                           .producer = producer_,
                           .base_sequence = of.sequence,
                           .transactional = true});
  // A new identity comes with each transaction, long before this could wrap.
  of.sequence += count;
  batch.sealed = true;
}

void TransactionBatches::seal_all() {
  for (Part& each : parts_) {
    if (!each.line.empty() && !each.line.back().sealed) seal(each.line.back());
  }
}

TransactionBatch* TransactionBatches::front(std::int32_t partition) {
  auto& line = part(partition).line;
  return line.empty() || !line.front().sealed ? nullptr : &line.front();
}

TransactionBatch TransactionBatches::take(std::int32_t partition) {
  auto& line = part(partition).line;
  check(!line.empty(), "there is a batch to take out");
  TransactionBatch out = std::move(line.front());
  line.pop_front();
  messages_ -= out.slots.size();
  bytes_ -= out.value_bytes;
  return out;
}

}  // namespace seatrial::workloads
