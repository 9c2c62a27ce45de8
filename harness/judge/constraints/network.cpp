// network: a broker's network threads had no time left, or answers waited for them and for the
// wire. How fast a link is, the record does not know.
#include <fmt/format.h>

#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<Strain> network_strain(const Scene& scene) {
  const auto idle = least_of_nodes(scene.trial, "network_idle");
  const auto wait = produce_wait(scene.trial, {"response_queue", "response_send"});
  if (!idle && !wait) return std::nullopt;
  Strain out;
  if (idle) {
    out.use = 1 - idle->value;
    out.evidence = fmt::format("network threads of node {} were idle {} of the time", idle->node,
                               percent_words(idle->value));
  }
  if (!wait) return out;
  out.wait_ns = wait->value;
  out.evidence += (out.evidence.empty() ? "" : ", ") +
                  fmt::format("answers of node {} took {} until they were sent", wait->node,
                              duration_words(wait->value));
  return out;
}

const auto network_constraint =
    constraint<70, network_strain>("network", "brokers' network threads, and sending");

}  // namespace
}  // namespace seatrial::judge
