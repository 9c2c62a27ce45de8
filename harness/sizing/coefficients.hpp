// What the sizing equations need beside the demand: each number with two values and where they come
// from. `few` is the one that asks for the fewest brokers and the least of each, `many` for the
// most. Measured where a run tells it, else assumed, and marked so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/view.hpp"

namespace seatrial::sizing {

struct Coefficient {
  double few = 0, many = 0;
  std::string source;
  bool measured = false;
};

struct Coefficients {
  Coefficient utilisation_cap;        // share of a resource that peak may use, brokers lost
  Coefficient free_disk_share;        // of a disk, kept empty
  Coefficient read_weight;            // a byte sent costs so much of the CPU of a byte written
  Coefficient cpu_s_per_mb;           // of a broker, for 10^6 bytes written to it
  Coefficient wire_per_payload;       // bytes on the wire for each of payload
  Coefficient cached_s;               // so many seconds of writes lie in the page cache
  Coefficient heap_bytes;             // of the JVM
  Coefficient partition_bytes_per_s;  // that one partition carries
  Coefficient replicas_per_broker;    // at most
  Coefficient segment_bytes;          // of a log that is still written to
};

// One end of each.
struct Values {
  double utilisation_cap = 0, free_disk_share = 0, read_weight = 0, cpu_s_per_mb = 0,
         wire_per_payload = 0, cached_s = 0, heap_bytes = 0, partition_bytes_per_s = 0,
         replicas_per_broker = 0, segment_bytes = 0;
};

struct CoefficientRow {
  const char* name;
  const char* unit;
  Coefficient Coefficients::*coefficient;
  double Values::*value;
};

// All of them, in the order in which they are listed.
[[nodiscard]] const std::array<CoefficientRow, 10>& coefficient_rows();

[[nodiscard]] Coefficients assumed();

enum class End { few, many };
[[nodiscard]] Values values_at(const Coefficients& coefficients, End end);

// Replaces what the record's finished trials tell: bytes on the wire (least and most of them), and
// CPU by byte: what more load took (a straight line through trials of several rates) and what all
// took at the highest rate, in which idle brokers have their share. Says what they do not tell. An
// error: none of them tells anything.
Result<std::vector<std::string>> take_measured(const View& record, const std::string& run,
                                               Coefficients& coefficients);

}  // namespace seatrial::sizing
