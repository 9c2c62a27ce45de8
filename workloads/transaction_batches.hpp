// The record batches of one transaction at a time, by partition: messages fill a batch until it is
// full or asked for, sealed batches wait in sequence for their answers. Sequences of a partition go
// on from batch to batch, and begin anew with each new identity of the producer.
//
// Memory is bounded by the queue's limits. One owner, single-threaded; no sockets here.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "kafka/wire/codec.hpp"
#include "kafka/wire/produce.hpp"
#include "workloads/message_client.hpp"
#include "workloads/wire_options.hpp"

namespace seatrial::workloads {

struct TransactionBatch {
  std::int32_t partition = 0;
  std::vector<ledger::SlotIndex> slots;  // of its messages, in sequence
  kafka::wire::Bytes bytes;              // header and records; once sealed, as brokers take them
  std::size_t value_bytes = 0;
  std::int64_t expires_ns = INT64_MAX;
  bool sealed = false;
  bool ambiguous = false;  // an attempt may have been appended
};

class TransactionBatches {
 public:
  TransactionBatches(int partitions, const WireSettings& settings);

  // Whose batches come next; requires that no message is here.
  void begin(kafka::wire::ProducerIdentity producer);
  [[nodiscard]] bool takes(std::size_t value_bytes) const;
  void add(const MessageClient::Message& message, std::int64_t now_ns);
  void seal_all();
  [[nodiscard]] bool empty() const { return messages_ == 0; }
  [[nodiscard]] std::int32_t partitions() const { return static_cast<std::int32_t>(parts_.size()); }
  // The first sealed batch of the partition; null if there is none.
  [[nodiscard]] TransactionBatch* front(std::int32_t partition);
  // Takes the first one out, sealed or not.
  TransactionBatch take(std::int32_t partition);
  [[nodiscard]] bool has_any(std::int32_t partition) const { return !part(partition).line.empty(); }

 private:
  struct Part {
    std::deque<TransactionBatch> line;  // the last one may still be filled
    std::int32_t sequence = 0;
  };
  [[nodiscard]] Part& part(std::int32_t partition) {
    return parts_[static_cast<std::size_t>(partition)];
  }
  [[nodiscard]] const Part& part(std::int32_t partition) const {
    return parts_[static_cast<std::size_t>(partition)];
  }
  TransactionBatch& filling(std::int32_t partition, std::size_t record_bytes, std::int64_t now_ns);
  void seal(TransactionBatch& batch);
  void compress(kafka::wire::Bytes& bytes);

  const WireSettings& settings_;
  kafka::wire::Compressor compressor_;
  kafka::wire::ProducerIdentity producer_;
  std::vector<Part> parts_;
  std::uint64_t messages_ = 0, bytes_ = 0;  // here
};

}  // namespace seatrial::workloads
