// zlib's inflate, one member of the file after the other.
#include "operations/input.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <istream>
#include <string_view>

#include "core/check.hpp"

namespace seatrial::operations {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t chunk = 1 << 18;
constexpr int gzip_window = 15 + 16;  // zlib's way to say: the largest window, gzip's header

// What a file may begin with that is neither JSON nor gzip's.
struct Form {
  std::string_view begins, name, advice;
};
constexpr std::array<Form, 9> forms{{
    {"\x28\xB5\x2F\xFD"sv, "is compressed by zstd", "unpack it first: zstd -d FILE"},
    {"\x04\x22\x4D\x18"sv, "is compressed by lz4", "unpack it first: lz4 -d FILE"},
    {"BZh"sv, "is compressed by bzip2", "unpack it first: bzip2 -dk FILE"},
    {"\xFD\x37zXZ"sv, "is compressed by xz", "unpack it first: xz -dk FILE"},
    {"\xFF\x06\x00\x00sNaPpY"sv, "is compressed by snappy", "unpack it first"},
    {"PK\x03\x04"sv, "is a zip archive", "unpack it first: unzip FILE"},
    {"\x1F\x9D"sv, "is compressed by compress", "unpack it first: gzip -dk FILE"},
    {"\xFF\xFE"sv, "is UTF-16", "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
    {"\xFE\xFF"sv, "is UTF-16", "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
}};

}  // namespace

struct Input::Gzip {
  z_stream stream{};
  bool between = false;  // members: the file may end here
  Gzip() { check(inflateInit2(&stream, gzip_window) == Z_OK, "zlib starts"); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { inflateEnd(&stream); }
};

Input::Input(std::istream& in) : in_(in) {}
Input::~Input() = default;

// True if the buffer holds something.
bool Input::fill() {
  if (begin_ < buffer_.size()) return true;
  begin_ = 0;
  buffer_.clear();
  if (!in_) return false;  // its count is still that of the last buffer
  buffer_.resize(chunk);
  in_.read(buffer_.data(), static_cast<std::streamsize>(chunk));
  if (in_.bad()) error_ = Error{"reading it failed: " + std::string(std::strerror(errno)), {}};
  buffer_.resize(in_.bad() ? 0 : static_cast<std::size_t>(in_.gcount()));
  return !buffer_.empty();
}

void Input::recognise() {
  known_ = true;
  const std::string_view bytes(buffer_);
  if (bytes.starts_with("\x1F\x8B"sv)) {
    gzip_ = std::make_unique<Gzip>();
    return;
  }
  for (const Form& form : forms) {
    if (!bytes.starts_with(form.begins)) continue;
    error_ = Error{"this " + std::string(form.name) + "; JSON is read, plain or compressed by gzip",
                   std::string(form.advice)};
    return;
  }
}

std::size_t Input::inflate_some(char* to, std::size_t size) {
  z_stream& stream = gzip_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(size, chunk));
  const uInt wanted = stream.avail_out;
  while (stream.avail_out == wanted) {
    if (!fill()) {
      if (!gzip_->between && !error_) {
        error_ = Error{"the compressed data end before their end", "the file was cut off"};
      }
      return 0;
    }
    if (gzip_->between) inflateReset2(&stream, gzip_window);
    gzip_->between = false;
    stream.next_in = reinterpret_cast<Bytef*>(buffer_.data() + begin_);
    stream.avail_in = static_cast<uInt>(buffer_.size() - begin_);
    const int did = inflate(&stream, Z_NO_FLUSH);
    begin_ = buffer_.size() - stream.avail_in;
    if (did == Z_STREAM_END) {
      gzip_->between = true;
    } else if (did != Z_OK && did != Z_BUF_ERROR) {
      error_ = Error{"the compressed data are damaged" +
                         (stream.msg == nullptr ? "" : ": " + std::string(stream.msg)),
                     "compress it anew, or give it as it was before"};
      return 0;
    }
  }
  return wanted - stream.avail_out;
}

std::size_t Input::read(char* to, std::size_t size) {
  if (error_ || size == 0 || (!gzip_ && !fill())) return 0;
  if (!known_) recognise();
  if (error_) return 0;
  if (gzip_) return inflate_some(to, size);
  const std::size_t got = std::min(size, buffer_.size() - begin_);
  std::memcpy(to, buffer_.data() + begin_, got);
  begin_ += got;
  return got;
}

}  // namespace seatrial::operations
