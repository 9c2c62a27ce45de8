// How many messages fell due, and what became of them.
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

Measured unknown_share(const MetricQuestion& question, const View& trial) {
  const auto intended = total(question, trial, "intended");
  const auto unknown = total(question, trial, "unknown");
  if (!intended || !unknown) return Measured::nothing(not_recorded(question));
  if (*intended == 0) return Measured::nothing("no message fell due");
  return Measured::exactly(*unknown / *intended);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> outcomes_registrations[] = {
    metric<count, produced, own_total>("intended", "messages that fell due"),
    metric<count, produced, own_total>("acked", "messages acked"),
    metric<count, produced, own_total>("failed", "messages surely not written"),
    metric<count, produced, own_total>("unknown", "messages of which nobody can tell"),
    metric<count, produced, own_total>("unsent",
                                       "messages due that were never handed to the client"),
    metric<share, produced, unknown_share>("unknown_share", "unknown / intended"),
    metric<count, consumed, own_total>("consumed", "messages handed to consumers"),
    metric<count, consumed, own_total>("distinct", "messages handed to a group for the first time"),
};

}  // namespace
}  // namespace seatrial::judge
