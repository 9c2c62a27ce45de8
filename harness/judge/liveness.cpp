// Gaps without acks, cut to the spans in which acks were demanded.
#include "judge/liveness.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<std::string> missed_liveness(const View& trial) {
  std::vector<std::string> out;
  const View chaos = trial["chaos"];
  if (!chaos) return out;
  const double grace = chaos["grace_s"].number_or(0);
  for (const View& partition : trial["availability"].items()) {
    const Overlap missed = longest_demanded(partition, chaos["demanding"]);
    if (missed.length <= grace) continue;
    out.push_back(fmt::format(
        "{}/{} acked nothing for {:.1f} s from {:.1f} s on, although no more was broken than "
        "replication tolerates and a failover may take {:.1f} s",
        partition["topic"].text(), partition["partition"].text(), missed.length, missed.from,
        grace));
  }
  return out;
}

}  // namespace seatrial::judge
