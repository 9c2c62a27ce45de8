// The encoding that HdrHistogram's tools read, and the log file around it. The vector in "known
// figures" was computed by other implementations; the bytes of the raw payloads are written by
// hand.
#include "measure/hlog.hpp"

#include <zlib.h>

#include <cstdint>
#include <random>
#include <string>

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::measure;
using namespace std::chrono_literals;

namespace {

Histogram known_figures() {
  Histogram h({.lowest = 1, .highest = 3'600'000'000, .digits = 3});
  for (std::int64_t i = 1; i <= 10'000; ++i) h.record(37 * i);
  h.record_n(100'000'000, 3);
  return h;
}

void check_known_figures(const Histogram& h) {
  CHECK(h.count() == 10'003);
  CHECK(h.value_at(50) == 185'087);
  CHECK(h.value_at(99) == 366'591);
  CHECK(h.value_at(99.9) == 369'919);
  CHECK(h.max() == 100'007'935);
  CHECK(h.mean() == Approx(214'947.121364).margin(1e-6));
}

std::string base64_of(const std::string& bytes) {
  static const char* const digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

std::string big_endian(std::uint64_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 255);
  return out;
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Inner {
  std::uint32_t cookie = 0x1c849313;
  std::uint32_t offset = 0;
  std::uint32_t digits = 3;
  std::uint64_t lowest = 1;
  std::uint64_t highest = 3'600'000'000;
  std::uint64_t ratio = 0x3ff0000000000000;
  std::string payload{};
  long length_error = 0;
};

std::string wrapped(const std::string& inner) {
  uLongf size = compressBound(static_cast<uLong>(inner.size()));
  std::string stream(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(stream.data()), &size,
                   reinterpret_cast<const Bytef*>(inner.data()),
                   static_cast<uLong>(inner.size())) == Z_OK);
  stream.resize(size);
  return base64_of(big_endian(0x1c849314, 4) + big_endian(stream.size(), 4) + stream);
}

std::string encoded_by_hand(const Inner& inner) {
  const auto length = static_cast<std::uint64_t>(static_cast<long>(inner.payload.size()) +
                                                 inner.length_error);
  return wrapped(big_endian(inner.cookie, 4) + big_endian(length, 4) +
                 big_endian(inner.offset, 4) + big_endian(inner.digits, 4) +
                 big_endian(inner.lowest, 8) + big_endian(inner.highest, 8) +
                 big_endian(inner.ratio, 8) + inner.payload);
}

Histogram random_histogram(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  const HistogramConfig configs[] = {{.lowest = 1, .highest = 2, .digits = 1},
                                     {.lowest = 1000, .highest = 3'600'000'000'000, .digits = 3},
                                     {.lowest = 1, .highest = INT64_MAX, .digits = 2},
                                     {.lowest = 77, .highest = 1'000'000, .digits = 4}};
  const HistogramConfig& config = configs[engine() % 4];
  Histogram h(config, engine() % 2 == 0 ? Histogram::Storage::whole : Histogram::Storage::window);
  const int samples = static_cast<int>(engine() % 300);
  for (int i = 0; i < samples; ++i) {
    const auto value = static_cast<std::int64_t>(engine() >> (1 + engine() % 63));
    if (value <= config.highest) h.record_n(value, engine() >> (9 + engine() % 55));
  }
  return h;
}

}  // namespace

TEST_CASE("hlog: the figures of the known vector, before and after encoding") {
  const Histogram h = known_figures();
  check_known_figures(h);
  const std::string text = encode(h);
  CHECK(text.starts_with("HISTFAAA"));
  const auto back = decode(text);
  REQUIRE(back);
  CHECK(*back == h);
  check_known_figures(*back);
}

TEST_CASE("hlog: random histograms survive encoding") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Histogram h = random_histogram(seed);
    const auto back = decode(encode(h));
    REQUIRE(back);
    REQUIRE(*back == h);
  }
}

TEST_CASE("hlog: an empty histogram survives encoding") {
  const auto back = decode(encode(Histogram::latency()));
  REQUIRE(back);
  CHECK(back->empty());
  CHECK(back->config() == Histogram::latency().config());
}

TEST_CASE("hlog: a payload written by hand is read as the format says") {
  // ZigZag: 3 is 6, -2 is 3, 1 is 2; 300 is 600 = 0xd8 0x04.
  const auto runs = decode(encoded_by_hand({.payload = {"\x06\x03\x02\xd8\x04", 5}}));
  REQUIRE(runs);
  CHECK(runs->count() == 304);
  CHECK(runs->bucket_of(0).count == 3);
  CHECK(runs->bucket_of(3).count == 1);
  CHECK(runs->bucket_of(4).count == 300);
  // A lone zero as Java writes it (0) and as C does (-1, that is 1).
  for (const char zero : {'\x00', '\x01'}) {
    const auto lone = decode(encoded_by_hand({.payload = std::string("\x02") + zero + "\x02"}));
    REQUIRE(lone);
    CHECK(lone->bucket_of(0).count == 1);
    CHECK(lone->bucket_of(1).count == 0);
    CHECK(lone->bucket_of(2).count == 1);
  }
}

TEST_CASE("hlog: an encoding made by HdrHistogram for Java is read, with its figures") {
  const auto h = decode(
      "HISTFAAAAJx4nJNpmSzMwMBQxgABzFDqBRC7GexYwGD/ASIiwMDEwLRdjumvPsdMaaGHIgoL+Y2+cntc50pq52pg"
      "nM6+iLGd4wRjI9snxo+sC5jOsl1iamfpYL7Ocoh5LWsDy0PmQyybmTtYnzNfYp3LsoBtO/MntuNMJ9ifMy3iaGdu"
      "4FzN/IhzPvMJrp+Mm7i7mRbwzGeaxLuVqYMPAPxhLdE=");
  REQUIRE(h);
  CHECK(h->config() == Histogram::latency().config());
  CHECK(h->count() == 9465);
  CHECK(h->value_at(50) == 13'824'425'983);
  CHECK(h->value_at(99) == 27'011'317'759);
  CHECK(h->max() == 27'011'317'759);
  CHECK(h->mean() == Approx(1.4156515709281775e10).epsilon(1e-14));
}

TEST_CASE("hlog: the ninth byte of a number carries eight bits") {
  Histogram h({.lowest = 1, .highest = 100, .digits = 1});
  h.record_n(3, static_cast<std::uint64_t>(INT64_MAX));
  const auto back = decode(encode(h));
  REQUIRE(back);
  CHECK(back->bucket_of(3).count == static_cast<std::uint64_t>(INT64_MAX));
}

TEST_CASE("hlog: what is not an encoded histogram is an error that says why") {
  const auto refused = [](std::string_view text, std::string_view why) {
    const auto result = decode(text);
    REQUIRE_FALSE(result);
    CAPTURE(result.error().message, why);
    CHECK(mentions(result.error().message, why));
  };
  refused("HISTFAAA!", "not base64");
  refused("HIS=", "ends within its outer header");
  refused("", "ends within its outer header");
  refused(base64_of(big_endian(0x1c849304, 4) + big_endian(0, 4)), "V2");
  refused(base64_of(big_endian(0x1c849314, 4) + big_endian(5, 4)), "length");
  refused(base64_of(big_endian(0x1c849314, 4) + big_endian(4, 4) + "junk"), "zlib");
  refused(wrapped("short"), "too short");
  refused(encoded_by_hand({.cookie = 0x1c849303}), "not a V2");
  refused(encoded_by_hand({.offset = 1}), "shifted");
  refused(encoded_by_hand({.ratio = 0x3f50624dd2f1a9fc}), "scaled");
  refused(encoded_by_hand({.digits = 9}), "digits");
  refused(encoded_by_hand({.lowest = 0}), "at least 1");
  refused(encoded_by_hand({.highest = 1}), "twice");
  refused(encoded_by_hand({.payload = "\x02", .length_error = 1}), "damaged");
  refused(encoded_by_hand({.payload = "\x02", .length_error = -1}), "damaged");
  refused(encoded_by_hand({.length_error = -5}), "longer");
  refused(encoded_by_hand({.length_error = 2'000'000'000}), "longer");
  refused(encoded_by_hand({.payload = "\xff\xff"}), "cut off");
  // More zeros, and more counters, than the configuration has; then the smallest negative number.
  refused(encoded_by_hand({.payload = "\xff\xff\xff\xff\x01"}), "too many");
  refused(encoded_by_hand({.highest = 2, .payload = std::string(5000, '\x02')}), "too many");
  refused(encoded_by_hand({.payload = std::string(9, '\xff')}), "too many");
  const std::string largest = "\xfe" + std::string(8, '\xff');
  refused(encoded_by_hand({.payload = largest + largest}), "63 bits");
}

TEST_CASE("hlog: no damage to an encoding gets past the reader or crashes it") {
  const std::string good = encode(known_figures());
  std::mt19937_64 engine(5);
  int refusals = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    if (engine() % 3 == 0) bad.resize(engine() % bad.size());
    for (int k = 0; !bad.empty() && k < 2; ++k) {
      bad[engine() % bad.size()] = static_cast<char>(engine());
    }
    if (bad == good) continue;
    const auto result = decode(bad);
    // Only bits that say nothing can differ unnoticed: those that fill up the last base64 digit.
    if (result) REQUIRE(*result == known_figures());
    if (!result) ++refusals;
  }
  CHECK(refusals > 2900);
}

TEST_CASE("hlog: a file has the header and lines that HdrHistogram's tools expect") {
  const std::string header = hlog_header(WallTime(1'795'229'000'045ms));
  CHECK(header ==
        "#[Logged with Seatrial]\n"
        "#[Histogram log format version 1.3]\n"
        "#[StartTime: 1795229000.045 (seconds since epoch), Sat Nov 21 02:43:20 UTC 2026]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        "\"Interval_Compressed_Histogram\"\n");
  const Histogram h = known_figures();
  CHECK(hlog_line("a.response", 2500ms, 1s, h) ==
        "Tag=a.response,2.500,1.000,100.008," + encode(h) + "\n");
  CHECK(hlog_line("", 0s, 1s, h) == "0.000,1.000,100.008," + encode(h) + "\n");
}

TEST_CASE("hlog: tags that the format cannot hold are not written") {
  const Histogram h = Histogram::coarse();
  CHECK(hlog_tag("my lane,\n1") == "my_lane__1");
  CHECK_THROWS_AS(hlog_line("two words", 0s, 1s, h), InvariantBroken);
  CHECK_THROWS_AS(hlog_line("a,b", 0s, 1s, h), InvariantBroken);
  CHECK_THROWS_AS(hlog_line("a", -1s, 1s, h), InvariantBroken);
}

TEST_CASE("hlog: a file is read back as it was written") {
  const WallTime start(1'795'229'000'045ms);
  std::string text = hlog_header(start);
  for (int i = 0; i < 5; ++i) {
    text += hlog_line(i % 2 == 0 ? "" : "service", i * 1s, 999ms, random_histogram(1000));
  }
  const auto log = read_hlog(text);
  REQUIRE(log);
  CHECK(log->start == start);
  REQUIRE(log->intervals.size() == 5);
  CHECK(log->intervals[3].tag == "service");
  CHECK(log->intervals[3].start == 3s);
  CHECK(log->intervals[3].length == 999ms);
  CHECK(log->intervals[3].histogram == random_histogram(1000));
  CHECK(log->intervals[4].tag.empty());
}

TEST_CASE("hlog: a bad line is an error with its number, a last line cut off is left out") {
  const std::string line = hlog_line("x", 0s, 1s, known_figures());
  const std::string text = hlog_header(WallTime(0ms)) + line;
  const auto broken = read_hlog(text + "1.0,zebra,2,HISTFAAA\n" + line);
  REQUIRE_FALSE(broken);
  CHECK(mentions(broken.error().message, "line 6"));
  const auto cut = read_hlog(text + line.substr(0, line.size() / 2));
  REQUIRE(cut);
  CHECK(cut->intervals.size() == 1);
  const auto whole_but_for_the_break = read_hlog(text + line.substr(0, line.size() - 1));
  REQUIRE(whole_but_for_the_break);
  CHECK(whole_but_for_the_break->intervals.size() == 2);
  const auto empty = read_hlog("");
  REQUIRE(empty);
  CHECK(empty->intervals.empty());
}
