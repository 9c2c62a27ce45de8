// client_queue: a client's own queue was full, so that messages were late before they were sent.
// What empties too slowly is mostly something else; so all else comes before it.
#include <fmt/format.h>

#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<Strain> client_queue_strain(const Scene& scene) {
  std::optional<Strain> most;
  std::vector<View> held;
  for (const View& workload : open_loops(scene.trial)) {
    if (!workload["backpressure_ns"].present()) continue;
    const double full = queue_full_share(scene.trial, workload);
    if (full >= held_up) held.push_back(workload);
    if (most && *most->use >= full) continue;
    most = Strain{.use = full,
                  .wait_ns = {},
                  .evidence = fmt::format("the clients' queues of '{}' were full {} of the time",
                                          workload["name"].text(), percent_words(full)),
                  .needs = "a longer queue, more lanes, or larger batches"};
  }
  if (most) most->wait_ns = mean_latency_ns(held, "lateness");
  return most;
}

const auto client_queue_constraint =
    constraint<100, client_queue_strain>("client_queue", "what a client holds before it is sent");

}  // namespace
}  // namespace seatrial::judge
