// request_queue: a broker's request handlers had no time left, or requests waited for one.
#include <fmt/format.h>

#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<Strain> request_queue_strain(const Scene& scene) {
  const auto idle = least_of_nodes(scene.trial, "handler_idle");
  const auto wait = produce_wait(scene.trial, {"queue"});
  if (!idle && !wait) return std::nullopt;
  Strain out;
  if (idle) {
    out.use = 1 - idle->value;
    out.evidence = fmt::format("request handlers of node {} were idle {} of the time", idle->node,
                               percent_words(idle->value));
    out.needs = "more num.io.threads, if there are cores for them";
  }
  if (!wait) return out;
  out.wait_ns = wait->value;
  out.evidence += (out.evidence.empty() ? "" : ", ") +
                  fmt::format("produce requests of node {} waited {} for one", wait->node,
                              duration_words(wait->value));
  return out;
}

const auto request_queue_constraint =
    constraint<80, request_queue_strain>("request_queue", "brokers' request handlers");

}  // namespace
}  // namespace seatrial::judge
