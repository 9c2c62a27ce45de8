// A look at every load, once a second.
#include "run/warm_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/units.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// When the load of a workload ends by itself, after its beginning; nothing if it does not within
// `span`.
std::optional<nanoseconds> end_of(const WorkloadRun& run, nanoseconds span) {
  if (!run.workload->traits().produces || run.workload->offered_rate() <= 0) return std::nullopt;
  const auto& options = run.plan->options;
  const double count = options.has("count") ? static_cast<double>(options.integer("count")) : 0.0;
  double whole = run.workload->offered_messages(span);
  const bool trace_ends = whole <= run.workload->offered_messages(span - seconds(1));
  if (!trace_ends && (count <= 0 || whole < count)) return std::nullopt;
  if (count > 0) whole = std::min(whole, count);
  nanoseconds low{0}, high = span;
  while (high - low > milliseconds(1)) {
    const nanoseconds middle = low + (high - low) / 2;
    (run.workload->offered_messages(middle) < whole ? low : high) = middle;
  }
  return high;
}

}  // namespace

WarmUp::WarmUp(const scenario::TrialPlan& plan, Lanes& lanes, const Sampler& sampler)
    : plan_(plan), lanes_(lanes), sampler_(sampler), latest_(latest_start()) {
  const bool no_second_before = plan.phases.warmup.at_least < seconds(1);
  if (latest_ > 0 || !no_second_before) return;
  begin(0);
  doubts_.push_back("the warm-up of " + format_duration(plan.phases.warmup.at_least) +
                    " is too short to see a steady load");
}

std::int64_t WarmUp::latest_start() const {
  const auto& phases = plan_.phases;
  nanoseconds latest = phases.warmup.at_most;
  for (const auto& run : lanes_.workloads()) {
    const auto end = end_of(run, phases.warmup.at_most + phases.measure);
    if (end) latest = std::min(latest, *end - phases.measure);
  }
  const auto wait = std::chrono::floor<seconds>(latest - phases.warmup.at_least).count();
  return std::max<std::int64_t>(0, wait);
}

bool WarmUp::used_up() const {
  if (lanes_.any_producer() && lanes_.producers_done()) return true;
  return std::ranges::any_of(lanes_.workloads(), [this](const WorkloadRun& run) {
    const auto& options = run.plan->options;
    if (!run.workload->traits().produces || run.workload->offered_rate() > 0 ||
        !options.has("count"))
      return false;
    const auto count = static_cast<std::uint64_t>(options.integer("count"));
    return count > 0 && lanes_.total(run, &LaneCounters::handed) * 4 >= count;
  });
}

bool WarmUp::decide() {
  if (lanes_.clock().decided()) return true;
  const auto since_origin = now() - from_ns(lanes_.clock().origin_ns);
  const std::int64_t next = std::chrono::floor<seconds>(since_origin).count() + 1;
  const bool ends = used_up();
  if (next < 0 && !ends) return false;
  std::map<std::string, judge::Unsteady> unsteady;
  for (const auto& load : sampler_.work().loads()) {
    auto why = judge::unsteady(load, next - 2);  // the second that has just ended
    if (why) unsteady.emplace(load.name, std::move(*why));
  }
  const bool hope =
      std::ranges::any_of(unsteady, [](const auto& entry) { return !entry.second.hopeless; });
  if (hope && next < latest_ && !ends) {
    for (const auto& [name, why] : unsteady) {
      ++waited_[name].seconds;
      waited_[name].last = why.why;
    }
    return false;
  }
  begin(std::max<std::int64_t>(next, 0));
  for (const auto& load : sampler_.work().loads()) {
    const auto found = unsteady.find(load.name);
    if (found == unsteady.end()) continue;
    if (const auto waited = waited_.find(load.name); waited != waited_.end())
      waited->second.last = found->second.why;
    if (found->second.hopeless) falls_behind_[load.name] = found->second.why;
    else doubt(load, found->second.why);
  }
  return true;
}

void WarmUp::begin(std::int64_t second) {
  lanes_.begin_measure(from_ns(lanes_.clock().origin_ns) + seconds(second), plan_.phases.measure);
}

void WarmUp::doubt(const judge::Load& load, const std::string& why) {
  const auto lasted = from_ns(lanes_.clock().measure_ns) - from_ns(lanes_.clock().start_ns);
  std::string busy;
  const json& machine = sampler_.machine();
  if (machine.contains("busy")) {
    busy = fmt::format(" (the machine was {:.0f} % busy)", 100 * machine.at("busy").get<double>());
  }
  doubts_.push_back(fmt::format("workload '{}' was not steady after {} of warm-up: {}; {}{}",
                                load.name, format_duration(lasted), why,
                                judge::steadiness_advice(load), busy));
}

json WarmUp::describe() const {
  json waited = json::array();
  for (const auto& [name, how] : waited_)
    waited.push_back({{"workload", name}, {"seconds", how.seconds}, {"last", how.last}});
  const auto lasted = lanes_.clock().measure_ns - lanes_.clock().start_ns;
  return {{"at_least_ns", plan_.phases.warmup.at_least.count()},
          {"at_most_ns", plan_.phases.warmup.at_most.count()},
          {"lasted_ns", lasted},
          {"steady", doubts_.empty()},
          {"waited_for", std::move(waited)}};
}

}  // namespace seatrial::run
