// The plan of a gate for people.
#include "gate/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "gate/pairing.hpp"
#include "gate/power.hpp"
#include "scenario/needs.hpp"

namespace seatrial::gate {
namespace {

std::string settings_text(const std::map<std::string, std::string>& settings) {
  std::string out;
  for (const auto& [name, value] : settings)
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out.empty() ? "the scenario as it is" : out;
}

std::string share_text(double share) {
  return std::isfinite(share) ? fmt::format("{:.2g} %", share * 100) : "nothing";
}

std::string looks_text(const std::vector<int>& looks) {
  std::string out;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const char* before = i == 0 ? "" : i + 1 == looks.size() ? " and " : ", ";
    out += before + std::to_string(looks[i]);
  }
  return out;
}

std::string metric_line(const Gated& gated, const Setting& setting, int gating) {
  if (gated.exact) {
    return fmt::format("  {}: a count, judged exactly: two pairs {} worse fail\n", gated.text,
                       share_text(gated.threshold.delta));
  }
  std::string detects;
  for (const int look : setting.rules.looks) {
    detects += fmt::format("{}{} after {}", detects.empty() ? "" : ", ",
                           share_text(minimum_detectable(look, setting.sigma, setting.rules,
                                                         gated.threshold.delta, gating)),
                           look);
  }
  const auto at_least = [&](double factor) {
    if (gated.floor <= 0) return std::string();
    return " and " + format_duration(nanoseconds(std::llround(gated.floor * factor)));
  };
  return fmt::format(
      "  {}: fails from {}{} worse, passes once {}{} is ruled out; detects {} pairs\n", gated.text,
      share_text(gated.threshold.delta), at_least(1), share_text(gated.threshold.delta_max),
      at_least(2), detects);
}

std::string order_text(const scenario::Plan& pairs) {
  std::string out;
  constexpr int shown = 6;
  for (int pair = 0; pair < shown; ++pair) out += candidate_first(pairs.seed, pair) ? " CB" : " BC";
  return out + " ...";
}

}  // namespace

nanoseconds pair_duration(const scenario::Plan& pairs) {
  return scenario::needs_of(pairs.trials.at(0)).expected +
         scenario::needs_of(pairs.trials.at(1)).expected;
}

std::string plan_to_text(const Setting& setting, const scenario::Plan& pairs) {
  const auto& looks = setting.rules.looks;
  const auto each = pair_duration(pairs);
  const auto gating = static_cast<int>(std::ranges::count_if(setting.gated, &Gated::gates));
  std::string out = fmt::format("gate:      baseline   {}\n           candidate  {}\n",
                                settings_text(setting.baseline), settings_text(setting.candidate));
  out += fmt::format("pairs:     looks after {}; at most {} with void ones; order{}\n",
                     looks_text(looks), pairs.trials.size() / 2, order_text(pairs));
  out += fmt::format("time:      about {} a pair: {} to the first look, {} to the last\n",
                     format_duration(each), format_duration(each * looks.front()),
                     format_duration(each * looks.back()));
  out +=
      fmt::format("metrics (as if pairs differed by {} by chance):\n", share_text(setting.sigma));
  for (const auto& gated : setting.gated)
    if (gated.gates) out += metric_line(gated, setting, gating);
  std::string shown;
  for (const auto& gated : setting.gated)
    if (!gated.gates) shown += (shown.empty() ? "" : ", ") + gated.text;
  if (!shown.empty()) out += "  shown, and decides nothing: " + shown + "\n";
  for (const auto& sentence : setting.certification) out += "certified: " + sentence + "\n";
  return out;
}

std::vector<std::string> warnings_of(const Setting& setting, const scenario::Plan& pairs) {
  std::vector<std::string> out;
  const auto flushes = [](const std::map<std::string, std::string>& settings) {
    return std::ranges::any_of(settings, [](const auto& entry) {
      return entry.first.find("flush.") != std::string::npos;
    });
  };
  const bool about_fsync = flushes(setting.baseline) || flushes(setting.candidate);
  if (about_fsync && pairs.trials.front().cluster.data.empty()) {
    out.emplace_back(
        "the gate is about fsync, and local brokers keep their data in memory, where it costs "
        "nothing: name a folder on a disk, as in --set cluster.data=/var/tmp");
  }
  for (const auto& expectation : pairs.expectations) {
    if (expectation.over == scenario::Over::each) continue;
    out.push_back("expectation '" + expectation.text +
                  "' is of all trials together, which a gate has not: it is not judged");
  }
  return out;
}

}  // namespace seatrial::gate
