// generator: its lanes were late, or had no core left, or waited for their connections. A lane
// whose client's queue was full is not to blame for its lateness.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "judge/constraints/reading.hpp"
#include "judge/load_check.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double unsent_by_itself = 0.01;

std::string more_of(double count, const char* what) {
  return fmt::format("{:.0f} more {}{}", count, what, count == 1 ? "" : "s");
}

// At least one; as many as the rate asks for, if each does what one did here.
std::string needed(const Scene& scene, const View& workload) {
  const double lanes = std::max(1.0, workload["lanes"].number_or(1));
  const double length = measured_s(scene.trial);
  const auto within = within_measure(scene.trial, workload["name"].text());
  const auto acked = within ? static_cast<double>(within->acked) : 0;
  const double offered = workload["offered_per_s"].number_or(0) * length;
  const double times = acked > 0 && offered > acked ? offered / acked : 1;
  if (machine_mean(scene.trial, "busy").value_or(0) >= saturated)
    return more_of(std::max(1.0, std::ceil(times - 1)), "machine") +
           " for the generator: this one's cores are full";
  return more_of(std::max(1.0, std::ceil(lanes * times - lanes)), "lane");
}

std::optional<Strain> late(const Scene& scene, const View& workload) {
  const auto intended = workload["totals"]["intended"].number_or(0);
  const auto unsent = workload["totals"]["unsent"].number_or(0);
  const bool limited = workload["generator_limited"].present();
  if (!limited && (intended <= 0 || unsent / intended <= unsent_by_itself)) return std::nullopt;
  if (queue_full_share(scene.trial, workload) >= held_up) return std::nullopt;
  std::string why = "workload '" + workload["name"].text() + "': ";
  why += limited ? workload["generator_limited"].text()
                 : fmt::format("{} of its messages were never sent, and its client had room",
                               percent_words(unsent / intended));
  return Strain{.use = 1.0, .wait_ns = {}, .evidence = why, .needs = needed(scene, workload)};
}

std::optional<Strain> without_connections(const View& trial) {
  for (const auto& [name, why] : trial["connection_limited"].entries())
    return Strain{.use = 1.0,
                  .wait_ns = {},
                  .evidence = "workload '" + name + "': " + why.text(),
                  .needs = "more lanes"};
  return std::nullopt;
}

// What the harness used of its lanes' cores, or of a full machine on which it used the most.
std::optional<Strain> cores_used(const Scene& scene) {
  const auto own = machine_mean(scene.trial, "generator_cpu");
  double lanes = 0;
  for (const View& workload : scene.trial["workloads"].items())
    lanes += workload["lanes"].number_or(0);
  if (!own || lanes <= 0) return std::nullopt;
  Strain out{.use = std::min(1.0, *own / lanes),
             .wait_ns = {},
             .evidence = fmt::format("its {:.0f} lane{} used {:.2f} cores", lanes,
                                     lanes == 1 ? "" : "s", *own)};
  const double busy = busy_by_us(scene).value_or(0);
  const double brokers = cluster_cpu(scene.trial).value_or(0);
  if (busy >= saturated && *own > brokers) {
    out.use = std::max(*out.use, busy);
    out.evidence += fmt::format(", the brokers {:.2f}, and this machine's cores were {} busy",
                                brokers, percent_words(busy));
  }
  const auto open = open_loops(scene.trial);
  out.needs = open.empty() ? "more lanes" : needed(scene, open.front());
  return out;
}

std::optional<double> own_lateness(const View& trial) {
  std::vector<View> own;
  for (const View& workload : open_loops(trial)) {
    if (queue_full_share(trial, workload) < held_up) own.push_back(workload);
  }
  return mean_latency_ns(own, "lateness");
}

std::optional<Strain> generator_strain(const Scene& scene) {
  std::optional<Strain> found;
  for (const View& workload : open_loops(scene.trial)) {
    if (!found) found = late(scene, workload);
  }
  if (!found) found = without_connections(scene.trial);
  if (!found) found = cores_used(scene);
  const auto lateness = own_lateness(scene.trial);
  if (!found && lateness)
    found = Strain{.use = {},
                   .wait_ns = {},
                   .evidence = "messages were " + duration_words(*lateness) + " late in the mean"};
  if (found) found->wait_ns = lateness;
  return found;
}

const auto generator_constraint =
    constraint<10, generator_strain>("generator", "the load generator's lanes, or its machine");

}  // namespace
}  // namespace seatrial::judge
