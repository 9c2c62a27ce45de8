// disk: the busiest disk had requests under way most of the time, and brokers wrote or read. A disk
// that serves many requests at once may have more to give at 100 %, so its waits count, too: the
// leader's append, while tasks wait for disks.
#include <fmt/format.h>

#include <algorithm>

#include "core/units.hpp"
#include "judge/constraints/reading.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double waited_for = 0.1;  // share of the time

std::optional<Strain> disk_strain(const Scene& scene) {
  double bytes = 0;
  for (const View& node : serving_nodes(scene.trial))
    bytes += node["write_bytes"].number_or(0) + node["read_bytes"].number_or(0);
  const auto busy = machine_mean(scene.trial, "disk_busy");
  const auto pressure = machine_mean(scene.trial, "io_pressure");
  const double length = measured_s(scene.trial);
  if (bytes <= 0 || length <= 0 || (!busy && !pressure)) return std::nullopt;
  Strain out{.use = busy, .wait_ns = {}, .evidence = ""};
  out.evidence = fmt::format("brokers wrote and read {} a second",
                             format_bytes(static_cast<std::uint64_t>(bytes / length)));
  if (busy)
    out.evidence = fmt::format("the busiest disk had requests under way {} of the time, ",
                               percent_words(*busy)) +
                   out.evidence;
  if (pressure)
    out.evidence +=
        fmt::format(", tasks waited for disks {} of the time", percent_words(*pressure));
  if (pressure.value_or(0) < waited_for) return out;
  if (const auto wait = produce_wait(scene.trial, {"local"})) out.wait_ns = wait->value;
  return out;
}

const auto disk_constraint = constraint<50, disk_strain>("disk", "the disks of the brokers' data");

}  // namespace
}  // namespace seatrial::judge
