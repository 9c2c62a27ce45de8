// The reader of histogram logs: intervals, or an error that names its line. What was read reads the
// same after it was written again. No fuzzer guesses a zlib stream, so an input that begins with a
// zero byte is the inside of one encoded histogram, packed here.
#include <zlib.h>

#include <string>

#include "fuzz/properties.hpp"
#include "measure/hlog.hpp"

using namespace seatrial;

namespace {

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size() * 8; i += 6) {
    unsigned digit = 0;
    for (std::size_t bit = i; bit < i + 6; ++bit) {
      const auto byte = bit / 8 < bytes.size() ? static_cast<unsigned char>(bytes[bit / 8]) : 0U;
      digit = digit << 1U | (byte >> (7 - bit % 8) & 1U);
    }
    out += digits[digit];
  }
  return out.append((4 - out.size() % 4) % 4, '=');
}

std::string packed(std::string_view inside) {
  uLongf size = compressBound(inside.size());
  std::string stream(size, '\0');
  check(compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
                  reinterpret_cast<const Bytef*>(inside.data()), inside.size(), 1) == Z_OK,
        "zlib compresses");
  std::string head("\x1c\x84\x93\x14\0\0", 6);
  head += static_cast<char>(size >> 8U);
  head += static_cast<char>(size);
  return "1,1,1," + base64(head + stream.substr(0, size)) + "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  const auto log =
      measure::read_hlog(input.starts_with('\0') ? packed(input.substr(1)) : std::string(input));
  if (!log) {
    check(log.error().message.starts_with("hlog line "), "an error names its line");
    fuzz::require_printable(log.error().message);
    return 0;
  }
  for (const auto& interval : log->intervals) {
    const auto again = measure::decode(measure::encode(interval.histogram));
    check(again && *again == interval.histogram, "a histogram reads the same again");
    check(interval.histogram.min() <= interval.histogram.value_at(50) &&
              interval.histogram.value_at(50) <= interval.histogram.max(),
          "the median lies within");
  }
  return 0;
}
