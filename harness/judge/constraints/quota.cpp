// quota: brokers told clients to wait. They do so beyond a quota only, so that little of it says
// that the quota was reached: a hundredth of the clients' time counts as saturated.
#include <fmt/format.h>

#include <algorithm>

#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double reached = 0.01;

std::string quotas_text(const View& trial) {
  std::string out;
  for (const auto& [name, value] : trial["quotas"].entries())
    out += fmt::format("{}{} {:g}", out.empty() ? "" : ", ", name, value.number_or(0));
  return out.empty() ? "" : "; quotas of each client on each broker: " + out;
}

std::optional<Strain> quota_strain(const Scene& scene) {
  const double loaded = loaded_s(scene.trial);
  std::optional<Strain> most;
  for (const View& workload : scene.trial["workloads"].items()) {
    const auto throttled = workload["throttle_ns"].number();
    const double time = workload["lanes"].number_or(0) * loaded * 1e9;
    if (!throttled || time <= 0) continue;
    const double use = std::min(1.0, saturated * *throttled / time / reached);
    if (most && *most->use >= use) continue;
    most = Strain{.use = use,
                  .wait_ns = {},
                  .evidence = fmt::format(
                      "brokers told '{}' to wait {} in all, in {} of its lanes' time",
                      workload["name"].text(), duration_words(*throttled), duration_words(time))};
  }
  if (!most) return std::nullopt;
  most->evidence += quotas_text(scene.trial);
  if (const auto wait = produce_wait(scene.trial, {"throttle"})) most->wait_ns = wait->value;
  return most;
}

const auto quota_constraint = constraint<20, quota_strain>("quota", "what brokers allow a client");

}  // namespace
}  // namespace seatrial::judge
