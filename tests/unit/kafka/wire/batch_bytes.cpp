// Written after the protocol's description and not with the code under test, but for its
// big-endian integers.
#include "unit/kafka/wire/batch_bytes.hpp"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "core/check.hpp"
#include "core/crc32c.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::test {

using namespace kafka::wire;

namespace {

void zigzag(Writer& out, std::int64_t value) {
  out.varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
}

void text(Writer& out, const std::optional<std::string>& value) {
  zigzag(out, value ? static_cast<std::int64_t>(value->size()) : -1);
  if (value) out.append(std::as_bytes(std::span(*value)));
}

Bytes resized(Bytes bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

Bytes gzip(const Bytes& bytes) {
  z_stream stream{};
  check(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate");
  Bytes out(deflateBound(&stream, bytes.size()) + 32);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate ends");
  const std::size_t size = out.size() - stream.avail_out;
  deflateEnd(&stream);
  return resized(std::move(out), size);
}

Bytes snappy(BytesView bytes) {
  Bytes out(snappy_max_compressed_length(bytes.size()));
  std::size_t size = out.size();
  check(snappy_compress(reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                        reinterpret_cast<char*>(out.data()), &size) == SNAPPY_OK,
        "snappy");
  return resized(std::move(out), size);
}

// In blocks of 1000 bytes.
Bytes framed_snappy(const Bytes& bytes) {
  Writer out;
  for (const int c : {0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0}) {
    out.int8(static_cast<std::int8_t>(c));
  }
  out.int32(1).int32(1);
  for (std::size_t at = 0; at < bytes.size(); at += 1000) {
    const Bytes block =
        snappy(BytesView(bytes).subspan(at, std::min<std::size_t>(1000, bytes.size() - at)));
    out.int32(static_cast<std::int32_t>(block.size())).append(block);
  }
  return out.take();
}

}  // namespace

Bytes records_bytes(const std::vector<RecordText>& records) {
  Writer out;
  for (const RecordText& record : records) {
    Writer body;
    body.int8(0);
    zigzag(body, record.time_delta);
    zigzag(body, record.offset_delta);
    text(body, record.key);
    text(body, record.value);
    zigzag(body, static_cast<std::int64_t>(record.headers.size()));
    for (const auto& [name, value] : record.headers) {
      text(body, name);
      text(body, value);
    }
    zigzag(out, static_cast<std::int64_t>(body.bytes().size()));
    out.append(body.bytes());
  }
  return out.take();
}

Bytes compressed(Codec codec, bool framed, const Bytes& bytes) {
  Bytes out;
  std::size_t size = 0;
  switch (codec) {
    case Codec::none: return bytes;
    case Codec::gzip: return gzip(bytes);
    case Codec::snappy: return framed ? framed_snappy(bytes) : snappy(bytes);
    case Codec::lz4:
      out.resize(LZ4F_compressFrameBound(bytes.size(), nullptr));
      size = LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), nullptr);
      return resized(std::move(out), size);
    case Codec::zstd:
      out.resize(ZSTD_compressBound(bytes.size()));
      size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
      return resized(std::move(out), size);
  }
  return out;
}

Bytes batch_bytes(const BatchText& batch) {
  const LogBatch& header = batch.header;
  std::int64_t last_delta = header.last_offset - header.base_offset;
  if (header.last_offset == 0) {
    last_delta = batch.records.empty() ? 0 : batch.records.back().offset_delta;
  }
  int attributes = static_cast<int>(batch.codec);
  if (header.log_append_time) attributes |= 8;
  if (header.transactional) attributes |= 16;
  if (header.control) attributes |= 32;
  Writer under_crc;
  under_crc.int16(static_cast<std::int16_t>(attributes));
  under_crc.int32(static_cast<std::int32_t>(last_delta)).int64(batch.base_timestamp_ms);
  under_crc.int64(header.max_timestamp_ms).int64(header.producer_id);
  under_crc.int16(header.producer_epoch).int32(header.base_sequence);
  under_crc.int32(static_cast<std::int32_t>(batch.records.size()));
  under_crc.append(compressed(batch.codec, batch.framed, records_bytes(batch.records)));
  Writer out;
  out.int64(header.base_offset);
  out.int32(static_cast<std::int32_t>(under_crc.bytes().size() + 9));
  out.int32(header.leader_epoch).int8(2);
  out.int32(static_cast<std::int32_t>(crc32c(under_crc.bytes())));
  return out.append(under_crc.bytes()).take();
}

BatchText marker(std::int64_t offset, std::int64_t producer_id, bool commit) {
  const std::string key{0, 0, 0, commit ? '\1' : '\0'};
  return {.header = {.base_offset = offset,
                     .producer_id = producer_id,
                     .transactional = true,
                     .control = true},
          .records = {{.key = key, .value = std::string(6, '\0')}}};
}

}  // namespace seatrial::test
