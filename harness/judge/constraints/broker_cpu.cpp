// broker_cpu: a node used all that it may use, or the nodes most of a machine whose cores were
// full. What a collector without heap uses is not counted here.
#include <fmt/format.h>

#include <algorithm>

#include "judge/constraints/garbage_collection.hpp"
#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<Strain> busiest_node(const Scene& scene) {
  const auto cores = cores_of_node(scene);
  std::optional<Strain> most;
  for (const View& node : serving_nodes(scene.trial)) {
    const auto cpu = node["cpu"].number();
    if (!cpu || !cores || collecting(node, scene.trial) >= too_much_collecting) continue;
    const double use = std::min(1.0, *cpu / *cores);
    if (most && *most->use >= use) continue;
    most = Strain{.use = use,
                  .wait_ns = {},
                  .evidence = fmt::format("node {} used {:.2f} of its {:g} cores",
                                          node["node"].text(), *cpu, *cores)};
  }
  return most;
}

std::optional<Strain> broker_cpu_strain(const Scene& scene) {
  auto out = busiest_node(scene);
  const auto busy = busy_by_us(scene);
  const double own = machine_mean(scene.trial, "generator_cpu").value_or(0);
  const double brokers = cluster_cpu(scene.trial).value_or(0);
  if (!out || !busy || brokers < own || *busy <= *out->use) return out;
  out->use = *busy;
  out->evidence += fmt::format(
      "; all nodes together used {:.2f} cores, the generator {:.2f}, and this machine's cores were "
      "{} busy",
      brokers, own, percent_words(*busy));
  return out;
}

const auto broker_cpu_constraint =
    constraint<60, broker_cpu_strain>("broker_cpu", "the cores that brokers may use");

}  // namespace
}  // namespace seatrial::judge
