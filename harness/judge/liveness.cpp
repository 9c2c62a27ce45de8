// Gaps without acks, cut to the spans in which acks were demanded.
#include "judge/liveness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

struct Overlap {
  double from = 0;
  double length = 0;
};

Overlap longest_demanded(const View& partition, const View& demanding) {
  Overlap longest;
  for (const View& gap : partition["gaps"].items()) {
    for (const View& span : demanding.items()) {
      const double from = std::max(gap["from_s"].number_or(0), span["from_s"].number_or(0));
      const double to = std::min(gap["to_s"].number_or(0), span["to_s"].number_or(0));
      if (to - from > longest.length) longest = {.from = from, .length = to - from};
    }
  }
  return longest;
}

}  // namespace

MissedLiveness missed_liveness(const View& trial) {
  MissedLiveness out;
  const View chaos = trial["chaos"];
  if (!chaos) return out;
  const double grace = chaos["grace_s"].number_or(0);
  for (const View& partition : trial["availability"].items()) {
    const Overlap missed = longest_demanded(partition, chaos["demanding"]);
    if (missed.length <= grace) continue;
    auto told = fmt::format(
        "{}/{} acked nothing for {:.1f} s from {:.1f} s on, although no more was broken than "
        "replication tolerates and a failover may take {:.1f} s",
        partition["topic"].text(), partition["partition"].text(), missed.length, missed.from,
        grace);
    const Measured span = span_by_clock(missed.length * 1e9, trial);
    if (span.least > grace * 1e9) out.certain.push_back(std::move(told));
    else out.doubtful.push_back(told + "; " + span.why);
  }
  return out;
}

}  // namespace seatrial::judge
