// The batches of a wire lane: buffers that are used again, and what fills them. Messages of one
// size without keys, uncompressed, are encoded once per buffer and stamped in place from then on;
// all others are encoded anew each time.
//
// One owner, single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kafka/wire/codec.hpp"
#include "kafka/wire/producer.hpp"
#include "ledger/ledger.hpp"
#include "measure/recorder.hpp"
#include "workloads/payload.hpp"

namespace seatrial::workloads {

// Messages that count as sent in the same way.
struct Taken {
  std::size_t messages = 0;
  measure::RunSent sent;
};

// A request and the messages in it, in sequence.
struct WireBatch : kafka::wire::ProduceBatch {
  std::vector<std::int64_t> intended_ns;
  std::vector<Taken> taken;
  std::vector<ledger::SlotIndex> slots;  // one for all, or one for each

 private:
  friend class WireEncoder;
  std::size_t encoded = 0;                 // messages in the buffer
  std::vector<std::uint32_t> filler_sums;  // of them
};

struct MessageShape {
  std::uint32_t size = 0;
  std::uint64_t key = 0;
};

class WireEncoder {
 public:
  struct Setting {
    const kafka::wire::Bytes& head;
    std::size_t batch_bytes = 0;
    std::size_t batch_messages = 0;
    std::uint32_t size = 0;       // of every message; 0: they differ,
    std::uint32_t most_size = 0;  // and are at most as large as this
    bool keys = false;
    kafka::wire::Codec codec = kafka::wire::Codec::none;
    std::uint32_t trial_tag = 0;
    Payloads payloads;
  };
  explicit WireEncoder(Setting setting);

  // Whether messages are told apart by their shapes, or all alike.
  [[nodiscard]] bool alike() const { return setting_.size != 0 && !setting_.keys; }
  // How many of so many messages fit into a batch, at least one; `shapes`: theirs, unless all are
  // alike.
  struct Fit {
    std::size_t messages = 0;
    bool full = false;        // no more can follow,
    std::size_t filling = 0;  // and which message showed it
    std::size_t missing = 0;  // until it is full: so many more messages, at least
  };
  [[nodiscard]] Fit fit(std::size_t messages, std::span<const MessageShape> shapes) const;

  // Makes the batch of the messages in batch.intended_ns. `shapes`: theirs, unless all are alike.
  struct Stream {
    StreamId id;
    Seq first;
  };
  void encode(WireBatch& batch, const Stream& stream, std::span<const MessageShape> shapes);

 private:
  [[nodiscard]] std::size_t records_at() const;
  [[nodiscard]] std::size_t size_of(const MessageShape& shape, std::size_t index) const;
  [[nodiscard]] std::size_t most_bytes() const;  // of one record
  void stamp_again(WireBatch& batch, const Stream& stream);
  void extend(WireBatch& batch, std::size_t messages);
  std::byte* put(std::byte* at, const WireBatch& batch, const Stream& stream,
                 std::span<const MessageShape> shapes);

  Setting setting_;
  kafka::wire::Compressor compressor_;
  std::vector<std::byte> plain_;  // records before they are compressed
  // Of messages that are all alike: where their values begin, and where their records end.
  std::size_t most_alike_ = 0;
  std::vector<std::uint32_t> value_at_;
  std::vector<std::uint32_t> ends_at_;
  std::unique_ptr<Crc32cJoin> join_;
};

}  // namespace seatrial::workloads
