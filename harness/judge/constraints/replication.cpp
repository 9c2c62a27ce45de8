// replication: followers fell out of the ISR although nothing was done to them, or leaders waited
// longer for them before they acknowledged.
#include <fmt/format.h>

#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<Strain> replication_strain(const Scene& scene) {
  double shrinks = 0;
  bool told = false;
  for (const View& node : serving_nodes(scene.trial)) {
    told = told || node["isr_shrinks"].present();
    shrinks += node["isr_shrinks"].number_or(0);
  }
  const auto wait = produce_wait(scene.trial, {"remote"});
  if (!told && !wait) return std::nullopt;
  Strain out;
  const bool by_fault = scene.trial["faults"].size() > 0;
  if (told && !by_fault) {
    out.use = shrinks > 0 ? 1.0 : 0.0;
    out.evidence = fmt::format("followers fell out of the ISR {:.0f} time{}", shrinks,
                               shrinks == 1 ? "" : "s");
  }
  if (!wait) return out;
  out.wait_ns = wait->value;
  out.evidence += (out.evidence.empty() ? "" : ", ") +
                  fmt::format("produce requests of node {} waited {} for followers", wait->node,
                              duration_words(wait->value));
  return out;
}

const auto replication_constraint =
    constraint<90, replication_strain>("replication", "followers that do not keep up");

}  // namespace
}  // namespace seatrial::judge
