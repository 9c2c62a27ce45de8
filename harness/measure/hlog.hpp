// Histograms as HdrHistogram's tools read them: the V2 encoding (zlib, base64) of one histogram,
// and the hlog v1.3 text file of many, one line an interval, told apart by tags. Pure functions:
// text in or out; the caller owns the file and notices when it cannot be written.
//
//   file << hlog_header(start);
//   file << hlog_line("produce.response", 3s, 1s, histogram);
//
// The format has no place for overflow() and impossible(): overflowed samples are in the last
// bucket, the counters themselves go into the run record. Encoded bytes differ between zlib
// versions: compare decoded histograms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "measure/histogram.hpp"

namespace seatrial::measure {

[[nodiscard]] std::string encode(const Histogram& histogram);  // base64, begins "HISTFAAA"
// Anything that is not a valid encoding is an error that says where it stops being one.
Result<Histogram> decode(std::string_view base64);

// Header, up to the legend. `start` is the earliest interval's: HdrHistogram's log processor skips
// what lies before it.
[[nodiscard]] std::string hlog_header(WallTime start);
// One interval; `since_start` and `length` are written in milliseconds and must not be negative.
// The tag may be empty, else it is a word (see hlog_tag).
[[nodiscard]] std::string hlog_line(std::string_view tag, nanoseconds since_start,
                                    nanoseconds length, const Histogram& histogram);
// The text with '_' for everything that a tag must not hold (comma, blank, line break, ...).
[[nodiscard]] std::string hlog_tag(std::string_view text);

struct HlogInterval {
  std::string tag;  // empty if there was none
  nanoseconds start{0};  // since the file's StartTime, as written
  nanoseconds length{0};
  Histogram histogram;
};

struct Hlog {
  std::optional<WallTime> start;
  std::vector<HlogInterval> intervals;  // in file order
};

// A whole file; the error names the line. A last line without its line break was cut off by a
// crash: it is left out if it cannot be read.
Result<Hlog> read_hlog(std::string_view text);

}  // namespace seatrial::measure
