// The four codecs of record batches, each by its own library: gzip (zlib), snappy, raw or in the
// blocks that Java clients frame it with, lz4 frames and zstd.
//
// Decompressing, contexts and the output buffer are kept from batch to batch. Any bytes may be
// given: malformed ones, and those that would grow beyond a limit, are an Error. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>

#include "core/result.hpp"
#include "kafka/wire/record_batch.hpp"

namespace seatrial::kafka::wire {

class Decompressor {
 public:
  // Far beyond what a broker takes from a producer by default, which is 1 MB a batch.
  static constexpr std::size_t largest_output = 256U << 20U;

  explicit Decompressor(std::size_t limit = largest_output);
  ~Decompressor();

  // The records of a batch as they were before compression; `bytes` itself where the codec is none,
  // else valid until the next call.
  Result<BytesView> operator()(Codec codec, BytesView bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The other way, for those two that a producing lane offers. Not thread-safe.
class Compressor {
 public:
  explicit Compressor(Codec codec);  // none, lz4 or zstd
  ~Compressor();

  // The most that `bytes` of records may become.
  [[nodiscard]] std::size_t bound(std::size_t bytes) const;
  // Writes the compressed records to `out`, which has room for bound(records.size()); their size.
  std::size_t operator()(BytesView records, std::span<std::byte> out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::kafka::wire
