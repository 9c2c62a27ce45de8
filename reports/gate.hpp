// What a gate's record says of each metric, as tables show it: for the terminal and the page.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports {

struct GateRow {
  View metric;  // of the record
  std::string name, baseline, candidate;
  std::string change;   // +3.1 % (-0.4 to +6.0 %); of a rate, minus is worse
  std::string limits;   // fails from 5 %, passes below 10 %
  std::string outcome;  // pass, fail, ..., shown; - before the first look
};
[[nodiscard]] std::vector<GateRow> gate_rows(const View& gate);

// A value of the metric in its unit.
[[nodiscard]] std::string gate_value(const View& metric, const View& value);
// An effect (ln, positive is worse) as the change of the value it is: exp(0.05) of a latency is
// +5.1 %, and of a rate -4.9 %.
[[nodiscard]] double change_of(const View& metric, double effect);
[[nodiscard]] std::string percent_text(double share);

// cluster.version: 4.2.0 -> 4.3.1
[[nodiscard]] std::vector<std::string> differences(const View& gate);
// "pair 3: baseline: it did not become steady", each void pair.
[[nodiscard]] std::vector<std::string> void_pairs(const View& gate);

// The verdict in a word: of a gate its outcome, of another run its verdict.
[[nodiscard]] std::string verdict_word(const View& record);

}  // namespace seatrial::reports
