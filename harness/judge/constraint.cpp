// Who leads: what is saturated by order, else the wait that grew most.
#include "judge/constraint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/check.hpp"
#include "judge/constraints/reading.hpp"

namespace seatrial::judge {
namespace {

constexpr double least_part_of_growth = 0.25;

struct Looked {
  std::string name;
  int order = 0;
  Strain strain;
};

// By order.
std::vector<Looked> look_at(const Scene& scene) {
  std::vector<Looked> out;
  for (const auto& [name, plugin] : Registry<Constraint>::instance().all()) {
    const auto constraint = plugin.make(Options{});
    if (auto strain = constraint->strain(scene))
      out.push_back({name, constraint->order(), std::move(*strain)});
  }
  std::ranges::stable_sort(out, {}, &Looked::order);
  return out;
}

// What is not seen comes last.
int order_of(const Bound& bound) {
  const auto* plugin = Registry<Constraint>::instance().find(bound.name);
  return plugin == nullptr ? INT_MAX : plugin->make(Options{})->order();
}

Bound at_its_limit(const Looked& looked) {
  return {.name = looked.name,
          .strength = std::min(1.0, looked.strain.use.value_or(0)),
          .evidence = looked.strain.evidence,
          .needs = looked.strain.needs};
}

const Looked* nearest_of(const std::vector<Looked>& all) {
  const Looked* nearest = nullptr;
  for (const Looked& looked : all) {
    if (looked.strain.use && (nearest == nullptr || *looked.strain.use > *nearest->strain.use))
      nearest = &looked;
  }
  return nearest;
}

struct Growth {
  double from_ns = 0, to_ns = 0;
  [[nodiscard]] double by_ns() const { return to_ns - from_ns; }
};

std::string growth_text(const Growth& growth) {
  return "from " + duration_words(growth.from_ns) + " to " + duration_words(growth.to_ns);
}

std::optional<Growth> response_growth(const Scene& failed, const Scene& passed) {
  const auto from = mean_response_ns(passed.trial), to = mean_response_ns(failed.trial);
  if (!from || !to) return std::nullopt;
  return Growth{*from, *to};
}

std::optional<Bound> grown_most(const std::vector<Looked>& failed, const Scene& passed,
                                const Growth& response) {
  std::map<std::string, double> before;
  for (const Looked& looked : look_at(passed))
    before[looked.name] = looked.strain.wait_ns.value_or(0);
  const Looked* most = nullptr;
  Growth growth;
  for (const Looked& looked : failed) {
    if (!looked.strain.wait_ns) continue;
    const Growth own{before[looked.name], *looked.strain.wait_ns};
    if (most != nullptr && own.by_ns() <= growth.by_ns()) continue;
    most = &looked;
    growth = own;
  }
  if (most == nullptr || growth.by_ns() < least_part_of_growth * response.by_ns() ||
      growth.by_ns() <= 0)
    return std::nullopt;
  return Bound{.name = most->name,
               .strength = std::min(1.0, growth.by_ns() / response.by_ns()),
               .evidence = most->strain.evidence + "; its wait grew " + growth_text(growth) +
                           ", the mean response " + growth_text(response),
               .needs = most->strain.needs};
}

Bound not_seen(const std::vector<Looked>& failed, const std::optional<Growth>& response) {
  std::string why = response ? response->by_ns() > 0
                                   ? "the mean response grew " + growth_text(*response) +
                                         " without a saturated resource"
                                   : "the mean response did not grow, and nothing is saturated"
                             : "nothing is saturated";
  if (const Looked* nearest = nearest_of(failed)) {
    why +=
        fmt::format("; nearest its limit, at {}, came {}: {}", percent_words(*nearest->strain.use),
                    nearest->name, nearest->strain.evidence);
  } else {
    why += "; the record tells of no resource";
  }
  return {.name = "not_seen", .strength = 0, .evidence = std::move(why)};
}

}  // namespace

BoundBy bound_by(const Scene& failed, const std::optional<Scene>& passed) {
  const auto looked = look_at(failed);
  BoundBy out;
  bool led = false;
  for (const Looked& each : looked) {
    if (each.strain.use.value_or(0) < saturated) continue;
    if (std::exchange(led, true)) out.others.push_back(at_its_limit(each));
    else out.leading = at_its_limit(each);
  }
  if (led) return out;
  const auto response = passed ? response_growth(failed, *passed) : std::nullopt;
  if (response && response->by_ns() > 0) {
    if (auto grown = grown_most(looked, *passed, *response)) {
      out.leading = std::move(*grown);
      return out;
    }
  }
  out.leading = not_seen(looked, response);
  return out;
}

BoundBy bound_by_most(const std::vector<Scene>& failed, const std::vector<Scene>& passed) {
  check(!failed.empty(), "a load is bound where a trial of it failed");
  const auto beside = passed.empty() ? std::nullopt : std::optional(passed.back());
  std::vector<BoundBy> all;
  std::map<std::string, int> led;
  for (const Scene& scene : failed) ++led[all.emplace_back(bound_by(scene, beside)).leading.name];
  const auto before = [&](const BoundBy& a, const BoundBy& b) {
    const int a_led = led[a.leading.name], b_led = led[b.leading.name];
    return a_led != b_led ? a_led > b_led : order_of(a.leading) < order_of(b.leading);
  };
  return *std::ranges::min_element(all, before);
}

std::optional<Bound> nearest_limit(const Scene& trial) {
  const auto looked = look_at(trial);
  const auto first = std::ranges::find_if(
      looked, [](const Looked& each) { return each.strain.use.value_or(0) >= saturated; });
  if (first != looked.end()) return at_its_limit(*first);
  const Looked* nearest = nearest_of(looked);
  if (nearest == nullptr) return std::nullopt;
  return at_its_limit(*nearest);
}

nlohmann::json to_json(const Bound& bound) {
  nlohmann::json out{{"name", bound.name},
                     {"strength", std::round(bound.strength * 1e4) / 1e4},
                     {"evidence", bound.evidence}};
  if (!bound.needs.empty()) out["needs"] = bound.needs;
  return out;
}

nlohmann::json to_json(const BoundBy& bound) {
  nlohmann::json out = to_json(bound.leading), others = nlohmann::json::array();
  for (const Bound& other : bound.others) others.push_back(to_json(other));
  out.emplace("others", std::move(others));
  return out;
}

}  // namespace seatrial::judge
