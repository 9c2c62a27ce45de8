// Each codec fills the one output buffer, which doubles while it is too small.
#include "kafka/wire/codec.hpp"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "core/check.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::size_t first_size = 64 << 10;

struct EndInflate {
  void operator()(z_stream* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
  }
};
struct FreeLz4 {
  void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};
struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

Error malformed(const char* codec, const std::string& what) {
  return Error{std::string("a ") + codec + " batch cannot be decompressed: " + what, ""};
}

// What the snappy library of Java clients writes: this, two versions, then blocks with their sizes.
constexpr std::array<unsigned char, 8> framed_snappy{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t framed_snappy_header = 16;

bool is_framed_snappy(BytesView bytes) {
  return bytes.size() >= framed_snappy_header &&
         std::memcmp(bytes.data(), framed_snappy.data(), framed_snappy.size()) == 0;
}

}  // namespace

struct Decompressor::Impl {
  std::size_t limit = 0;
  Bytes out;
  std::size_t used = 0;
  std::unique_ptr<z_stream, EndInflate> gzip;
  std::unique_ptr<LZ4F_dctx, FreeLz4> lz4;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd;

  // Makes room for at least `more`; false where that is beyond the limit.
  bool room(std::size_t more) {
    if (more > limit - used) return false;
    if (out.size() - used >= more) return true;
    out.resize(std::min(limit, std::max({first_size, 2 * out.size(), used + more})));
    return true;
  }
  [[nodiscard]] std::byte* free_begin() { return out.data() + used; }
  [[nodiscard]] std::size_t free_size() const { return out.size() - used; }
  [[nodiscard]] BytesView output() const { return BytesView(out).first(used); }

  Result<BytesView> from_gzip(BytesView bytes);
  Result<BytesView> from_snappy(BytesView bytes);
  Result<BytesView> from_lz4(BytesView bytes);
  Result<BytesView> from_zstd(BytesView bytes);
  std::string snappy_block(BytesView block);
};

Result<BytesView> Decompressor::Impl::from_gzip(BytesView bytes) {
  constexpr int gzip_header = 15 + 16;
  if (!gzip) {
    auto stream = std::make_unique<z_stream>();
    check(inflateInit2(stream.get(), gzip_header) == Z_OK, "zlib can begin");
    gzip.reset(stream.release());
  }
  check(inflateReset(gzip.get()) == Z_OK, "zlib can begin anew");
  gzip->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  gzip->avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    if (!room(1)) return malformed("gzip", "it is too large");
    gzip->next_out = reinterpret_cast<Bytef*>(free_begin());
    gzip->avail_out = static_cast<uInt>(free_size());
    const int status = inflate(gzip.get(), Z_NO_FLUSH);
    used = out.size() - gzip->avail_out;
    if (status == Z_STREAM_END && gzip->avail_in == 0) return output();
    if (status == Z_STREAM_END) {  // several members are one text
      if (inflateReset(gzip.get()) != Z_OK) return malformed("gzip", "it has a broken member");
    } else if (status == Z_BUF_ERROR || (status == Z_OK && gzip->avail_in == 0)) {
      if (gzip->avail_out > 0) return malformed("gzip", "it is cut off");
    } else if (status != Z_OK) {
      return malformed("gzip", gzip->msg != nullptr ? gzip->msg : "it is malformed");
    }
  }
}

// Appends one raw block; what is wrong with it, or nothing.
std::string Decompressor::Impl::snappy_block(BytesView block) {
  const char* data = reinterpret_cast<const char*>(block.data());
  std::size_t size = 0;
  if (snappy_uncompressed_length(data, block.size(), &size) != SNAPPY_OK) return "it has no length";
  // A block expands to 64 for each 3 bytes at most, whatever length it claims.
  if (size / 64 > block.size() || !room(size)) return "it claims to be too large";
  if (snappy_uncompress(data, block.size(), reinterpret_cast<char*>(free_begin()), &size) !=
      SNAPPY_OK) {
    return "it is malformed";
  }
  used += size;
  return {};
}

Result<BytesView> Decompressor::Impl::from_snappy(BytesView bytes) {
  if (!is_framed_snappy(bytes)) {
    if (auto why = snappy_block(bytes); !why.empty()) return malformed("snappy", why);
    return output();
  }
  Cursor in(bytes.subspan(framed_snappy_header));
  while (in.left() > 0) {
    const std::int32_t size = in.int32();
    const BytesView block = in.bytes(size < 0 ? UINT64_MAX : static_cast<std::uint64_t>(size));
    if (!in.ok()) return malformed("snappy", "it is cut off");
    if (auto why = snappy_block(block); !why.empty()) return malformed("snappy", why);
  }
  return output();
}

Result<BytesView> Decompressor::Impl::from_lz4(BytesView bytes) {
  if (!lz4) {
    LZ4F_dctx* context = nullptr;
    check(!LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)), "lz4 can begin");
    lz4.reset(context);
  }
  LZ4F_resetDecompressionContext(lz4.get());
  while (true) {
    if (!room(1)) return malformed("lz4", "it is too large");
    std::size_t produced = free_size();
    std::size_t consumed = bytes.size();
    const std::size_t hint =
        LZ4F_decompress(lz4.get(), free_begin(), &produced, bytes.data(), &consumed, nullptr);
    if (LZ4F_isError(hint) != 0) return malformed("lz4", LZ4F_getErrorName(hint));
    used += produced;
    bytes = bytes.subspan(consumed);
    if (hint == 0 && bytes.empty()) return output();
    if (consumed == 0 && produced == 0) return malformed("lz4", "it is cut off");
  }
}

Result<BytesView> Decompressor::Impl::from_zstd(BytesView bytes) {
  if (!zstd) zstd.reset(ZSTD_createDCtx());
  check(zstd != nullptr, "zstd can begin");
  ZSTD_DCtx_reset(zstd.get(), ZSTD_reset_session_only);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    if (!room(1)) return malformed("zstd", "it is too large");
    ZSTD_outBuffer to{free_begin(), free_size(), 0};
    const std::size_t before = in.pos;
    const std::size_t hint = ZSTD_decompressStream(zstd.get(), &to, &in);
    if (ZSTD_isError(hint) != 0) return malformed("zstd", ZSTD_getErrorName(hint));
    used += to.pos;
    if (hint == 0 && in.pos == in.size) return output();
    if (in.pos == before && to.pos == 0) return malformed("zstd", "it is cut off");
  }
}

struct Compressor::Impl {
  struct FreeZstd {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  };
  Codec codec = Codec::none;
  LZ4F_preferences_t lz4{};
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd;
};

Compressor::Compressor(Codec codec) : impl_(std::make_unique<Impl>()) {
  check(codec == Codec::none || codec == Codec::lz4 || codec == Codec::zstd,
        "batches are compressed as lz4 or zstd");
  impl_->codec = codec;
  // Brokers refuse blocks that lean on those before them.
  impl_->lz4.frameInfo.blockMode = LZ4F_blockIndependent;
  if (codec == Codec::zstd) impl_->zstd.reset(ZSTD_createCCtx());
  check(codec != Codec::zstd || impl_->zstd != nullptr, "zstd can begin");
}

Compressor::~Compressor() = default;

std::size_t Compressor::bound(std::size_t bytes) const {
  if (impl_->codec == Codec::lz4) return LZ4F_compressFrameBound(bytes, &impl_->lz4);
  return impl_->codec == Codec::zstd ? ZSTD_compressBound(bytes) : bytes;
}

std::size_t Compressor::operator()(BytesView records, std::span<std::byte> out) {
  constexpr int zstd_level = 3;  // the library's own default, and librdkafka's
  if (impl_->codec == Codec::none) {
    std::memcpy(out.data(), records.data(), records.size());
    return records.size();
  }
  if (impl_->codec == Codec::lz4) {
    const std::size_t size = LZ4F_compressFrame(out.data(), out.size(), records.data(),
                                                records.size(), &impl_->lz4);
    check(LZ4F_isError(size) == 0, "lz4 compresses what there is room for");
    return size;
  }
  const std::size_t size = ZSTD_compressCCtx(impl_->zstd.get(), out.data(), out.size(),
                                             records.data(), records.size(), zstd_level);
  check(ZSTD_isError(size) == 0, "zstd compresses what there is room for");
  return size;
}

Decompressor::Decompressor(std::size_t limit) : impl_(std::make_unique<Impl>()) {
  impl_->limit = limit;
}

Decompressor::~Decompressor() = default;

Result<BytesView> Decompressor::operator()(Codec codec, BytesView bytes) {
  impl_->used = 0;
  switch (codec) {
    case Codec::none: return bytes;
    case Codec::gzip: return impl_->from_gzip(bytes);
    case Codec::snappy: return impl_->from_snappy(bytes);
    case Codec::lz4: return impl_->from_lz4(bytes);
    case Codec::zstd: return impl_->from_zstd(bytes);
  }
  return Error{"a batch is compressed with codec " + std::to_string(static_cast<unsigned>(codec)) +
                   ", which nobody knows",
               ""};
}

}  // namespace seatrial::kafka::wire
