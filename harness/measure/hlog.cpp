// HdrHistogram V2 encoding and hlog v1.3.
//
//   outer, big-endian: u32 cookie, i32 length of what follows, zlib stream of the inner part
//   inner, big-endian: u32 cookie, i32 payload length, i32 normalizing offset (0), i32 digits,
//                      i64 lowest, i64 highest, f64 ratio (1.0), payload
//   payload: counters 0 to the last used one as ZigZag LEB128, at most 9 bytes each (the ninth
//            carries 8 bits); a negative number stands for that many zeros
#include "measure/hlog.hpp"

#include <zlib.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr std::uint32_t outer_cookie = 0x1c849314;
constexpr std::uint32_t inner_cookie = 0x1c849313;
constexpr std::size_t outer_header = 8;
constexpr std::size_t inner_header = 40;
constexpr std::size_t longest_number = 9;
constexpr std::string_view start_time_mark = "#[StartTime: ";
constexpr std::string_view legend_mark = "\"StartTimestamp\"";
constexpr std::string_view tag_mark = "Tag=";

Error broken(std::string_view what) {
  return {fmt::format("not an encoded histogram: {}", what), ""};
}

// --- base64 ---

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= n ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

constexpr std::array<std::int8_t, 256> make_digits() {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr auto digits = make_digits();
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int digit = 0;
    if (i < text.size() - padding) digit = digits[static_cast<unsigned char>(text[i])];
    if (digit < 0) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>(group >> shift & 255);
    group = 0;
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

// --- numbers ---

template <class Number>
void append_big_endian(std::string& out, Number number) {
  const auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (int shift = static_cast<int>(sizeof bits * 8) - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(bits >> shift & 255);
  }
}

template <class Number>
Number big_endian(std::string_view bytes, std::size_t at) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    bits = bits << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return static_cast<Number>(bits);
}

void append_zigzag(std::string& out, std::int64_t number) {
  std::uint64_t bits =
      static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
  for (std::size_t i = 1; i < longest_number && bits > 127; ++i) {
    out += static_cast<char>((bits & 127) | 128);
    bits >>= 7;
  }
  out += static_cast<char>(bits);
}

// Takes one number off the front of `bytes`; nothing if it is cut off.
std::optional<std::int64_t> take_zigzag(std::string_view& bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < longest_number; ++i) {
    if (i == bytes.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool last = i + 1 == longest_number || byte < 128;
    bits |= std::uint64_t{last ? byte : byte & 127U} << (7 * i);
    if (!last) continue;
    bytes.remove_prefix(i + 1);
    return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
  }
  return std::nullopt;
}

// --- zlib ---

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  const int code = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                             reinterpret_cast<const Bytef*>(bytes.data()),
                             static_cast<uLong>(bytes.size()), Z_DEFAULT_COMPRESSION);
  check(code == Z_OK, "zlib compresses into a buffer of compressBound");
  out.resize(size);
  return out;
}

// Reads a zlib stream piece by piece, so that the header is judged before memory is given to the
// rest.
class Inflater {
 public:
  explicit Inflater(std::string_view bytes) {
    check(inflateInit(&stream_) == Z_OK, "zlib starts");
    // zlib's interface lacks const, it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Exactly `size` bytes, or nothing.
  std::optional<std::string> take(std::size_t size) {
    std::string out(size, '\0');
    if (inflate_into(out) != size) return std::nullopt;
    return out;
  }
  // Whether the stream ends here, with a checksum that holds.
  bool at_end() {
    std::string one(1, '\0');
    return inflate_into(one) == 0 && ended_;
  }

 private:
  std::size_t inflate_into(std::string& out) {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    while (!ended_ && stream_.avail_out != 0) {
      const int code = inflate(&stream_, Z_NO_FLUSH);
      ended_ = code == Z_STREAM_END;
      if (code != Z_OK && !ended_) break;
    }
    return out.size() - stream_.avail_out;
  }

  z_stream stream_{};
  bool ended_ = false;
};

// --- payload ---

std::string encode_payload(const Histogram& histogram) {
  std::string payload;
  std::size_t next = 0;
  histogram.for_each_bucket([&](const Histogram::Bucket& bucket) {
    const std::size_t zeros = bucket.index - next;
    if (zeros == 1) append_zigzag(payload, 0);
    if (zeros > 1) append_zigzag(payload, -static_cast<std::int64_t>(zeros));
    append_zigzag(payload, static_cast<std::int64_t>(bucket.count));
    next = bucket.index + 1;
  });
  return payload;
}

Result<Histogram> decode_payload(std::string_view payload, const HistogramConfig& config) {
  Histogram histogram(config, Histogram::Storage::window);
  std::uint64_t index = 0;
  std::uint64_t total = 0;
  while (!payload.empty()) {
    const auto number = take_zigzag(payload);
    if (!number) return broken("its last counter is cut off");
    if (*number <= 0) {
      // The magnitude in unsigned arithmetic: the smallest negative number has no positive twin.
      const std::uint64_t zeros = std::uint64_t{0} - static_cast<std::uint64_t>(*number);
      const std::uint64_t skipped = *number == 0 ? 1 : zeros;
      if (skipped > histogram.counters() - index) return broken("it has too many counters");
      index += skipped;
      continue;
    }
    if (index >= histogram.counters()) return broken("it has too many counters");
    const auto times = static_cast<std::uint64_t>(*number);
    total += times;
    if (total > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return broken("its counters add up to more than 63 bits hold");
    }
    histogram.add_at(index++, times);
  }
  return histogram;
}

}  // namespace

std::string encode(const Histogram& histogram) {
  const std::string payload = encode_payload(histogram);
  const HistogramConfig& config = histogram.config();
  std::string inner;
  inner.reserve(inner_header + payload.size());
  append_big_endian(inner, inner_cookie);
  append_big_endian(inner, static_cast<std::int32_t>(payload.size()));
  append_big_endian(inner, std::int32_t{0});
  append_big_endian(inner, static_cast<std::int32_t>(config.digits));
  append_big_endian(inner, config.lowest);
  append_big_endian(inner, config.highest);
  append_big_endian(inner, std::bit_cast<std::uint64_t>(1.0));
  inner += payload;
  const std::string stream = deflated(inner);
  std::string outer;
  outer.reserve(outer_header + stream.size());
  append_big_endian(outer, outer_cookie);
  append_big_endian(outer, static_cast<std::int32_t>(stream.size()));
  outer += stream;
  return to_base64(outer);
}

Result<Histogram> decode(std::string_view base64) {
  const auto outer = from_base64(base64);
  if (!outer) return broken("it is not base64");
  if (outer->size() < outer_header) return broken("it ends within its outer header");
  if (big_endian<std::uint32_t>(*outer, 0) != outer_cookie) {
    return broken("it does not begin with the mark of a compressed V2 histogram");
  }
  const auto length = big_endian<std::int32_t>(*outer, 4);
  if (length < 0 || static_cast<std::size_t>(length) != outer->size() - outer_header) {
    return broken("the length in its outer header is not its length");
  }
  Inflater inflater(std::string_view(*outer).substr(outer_header));
  const auto header = inflater.take(inner_header);
  if (!header) return broken("its zlib stream is damaged or too short");
  if (big_endian<std::uint32_t>(*header, 0) != inner_cookie) {
    return broken("its inner part is not a V2 histogram");
  }
  const auto payload_size = big_endian<std::int32_t>(*header, 4);
  const HistogramConfig config{.lowest = big_endian<std::int64_t>(*header, 16),
                               .highest = big_endian<std::int64_t>(*header, 24),
                               .digits = big_endian<std::int32_t>(*header, 12)};
  if (big_endian<std::int32_t>(*header, 8) != 0) return broken("its counters are shifted");
  if (big_endian<std::uint64_t>(*header, 32) != std::bit_cast<std::uint64_t>(1.0)) {
    return broken("its values are scaled, it holds fractions");
  }
  if (const auto wrong = Histogram::problem(config)) return broken(wrong->message);
  const std::size_t counters = Histogram(config, Histogram::Storage::window).counters();
  if (payload_size < 0 || static_cast<std::size_t>(payload_size) > counters * longest_number) {
    return broken("its payload is longer than its counters could be");
  }
  const auto payload = inflater.take(static_cast<std::size_t>(payload_size));
  if (!payload || !inflater.at_end()) return broken("its zlib stream is damaged");
  return decode_payload(*payload, config);
}

// --- hlog ---

std::string hlog_header(WallTime start) {
  const std::int64_t ms = start.time_since_epoch().count();
  const std::time_t whole = std::chrono::system_clock::to_time_t(start);
  return fmt::format(
      "#[Logged with Seatrial]\n"
      "#[Histogram log format version 1.3]\n"
      "{}{}.{:03} (seconds since epoch), {:%a %b %d %H:%M:%S UTC %Y}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      start_time_mark, ms / 1000, ms % 1000, fmt::gmtime(whole));
}

std::string hlog_tag(std::string_view text) {
  std::string tag(text);
  for (char& c : tag) {
    if (c == ',' || static_cast<unsigned char>(c) <= ' ' || c == 127) c = '_';
  }
  return tag;
}

std::string hlog_line(std::string_view tag, nanoseconds since_start, nanoseconds length,
                      const Histogram& histogram) {
  check(hlog_tag(tag) == tag, "an hlog tag holds no comma, blank or line break");
  check(since_start.count() >= 0 && length.count() >= 0, "an hlog interval has no negative times");
  const std::string prefix = tag.empty() ? "" : fmt::format("{}{},", tag_mark, tag);
  return fmt::format("{}{:.3f},{:.3f},{:.3f},{}\n", prefix, to_seconds(since_start),
                     to_seconds(length), static_cast<double>(histogram.max()) / 1e6,
                     encode(histogram));
}

namespace {

constexpr double longest_time_s = 1e9;  // beyond it nanoseconds would leave 64 bits; 31 years

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<nanoseconds> seconds_of(std::string_view text) {
  const auto number = finite_number(text);
  if (!number || std::abs(*number) > longest_time_s) return std::nullopt;
  return nanoseconds(std::llround(*number * 1e9));
}

std::string_view take_field(std::string_view& line) {
  const std::size_t comma = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, comma);
  line.remove_prefix(std::min(comma + 1, line.size()));
  return field;
}

Result<HlogInterval> read_interval(std::string_view line) {
  std::string tag;
  if (line.starts_with(tag_mark)) tag = take_field(line).substr(tag_mark.size());
  const auto start = seconds_of(take_field(line));
  const auto length = seconds_of(take_field(line));
  const auto max = finite_number(take_field(line));
  if (!start || !length || !max) {
    return Error{"start, length and maximum are not three numbers", ""};
  }
  auto histogram = decode(line);
  if (!histogram) return histogram.error();
  return HlogInterval{std::move(tag), *start, *length, std::move(histogram).value()};
}

std::optional<WallTime> start_time_of(std::string_view line) {
  line.remove_prefix(start_time_mark.size());
  const auto seconds = finite_number(line.substr(0, line.find(' ')));
  if (!seconds || std::abs(*seconds) > 1e12) return std::nullopt;
  return WallTime(milliseconds(std::llround(*seconds * 1e3)));
}

}  // namespace

Result<Hlog> read_hlog(std::string_view text) {
  Hlog log;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool cut_off = end == std::string_view::npos;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(cut_off ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(start_time_mark)) log.start = start_time_of(line);
    if (line.empty() || line.starts_with('#') || line.starts_with(legend_mark)) continue;
    auto interval = read_interval(line);
    if (!interval && cut_off) break;
    if (!interval) {
      return Error{fmt::format("hlog line {}: {}", number, interval.error().message), ""};
    }
    log.intervals.push_back(std::move(interval).value());
  }
  return log;
}

}  // namespace seatrial::measure
