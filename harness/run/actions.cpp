// Registered faults times registered kinds of clusters.
#include "run/actions.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/check.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"

namespace seatrial::run {
namespace {

// Something of an option, so that a fault can be made and asked.
std::string sample_of(const OptionSpec& option) {
  switch (option.type) {
    case OptionType::duration: return "1s";
    case OptionType::size: return "1MB";
    case OptionType::rate: return "1/s";
    case OptionType::boolean: return "true";
    case OptionType::choice: return option.choices.front();
    case OptionType::text: return option.name == "principal" ? "User:alice" : "orders/0";
    case OptionType::integer:
    case OptionType::number:
    case OptionType::properties: break;
  }
  return "2";
}

struct Needs {
  bool nodes = true;  // else it administers
  bool members = false;
  std::set<Gear> gear{};
};

// With what it must be told, or with all that has no default where one of several must be.
std::unique_ptr<Fault> sample(const Plugin<Fault>& plugin, bool all) {
  std::map<std::string, RawOption> raw;
  for (const auto& option : plugin.options) {
    const bool told = option.required || (all && option.fallback.empty());
    if (told && option.type != OptionType::properties)
      raw[option.name] = {.text = sample_of(option), .entries = {}, .is_map = false};
  }
  std::vector<OptionProblem> problems;
  const auto options = Options::check(plugin.options, raw, problems);
  if (!problems.empty()) return nullptr;
  try {
    return plugin.make(options);
  } catch (const UsageError&) {
    return nullptr;
  }
}

Needs needs_of(const Plugin<Fault>& plugin) {
  auto fault = sample(plugin, false);
  if (!fault) fault = sample(plugin, true);
  check(fault != nullptr, "a fault can be made of its required options, or of all");
  const auto needs = fault->needs();
  return {.nodes = fault->acts_on_nodes(), .members = needs.members, .gear = needs.gear};
}

using AskGear = std::function<std::optional<std::string>(const ClusterKind&, Gear)>;

// Each kind about each gear once, as the answer may take a while.
AskGear gear_asked_once() {
  return [told = std::map<std::pair<std::string, Gear>, std::optional<std::string>>()](
             const ClusterKind& kind, Gear gear) mutable {
    const auto known = told.find({kind.name, gear});
    if (known != told.end()) return known->second;
    const auto why = kind.lacks == nullptr ? std::nullopt : kind.lacks(gear);
    return told.emplace(std::pair(kind.name, gear), why).first->second;
  };
}

std::string why_not(const Needs& needs, const ClusterKind& kind,
                    const std::optional<std::string>& unavailable, const AskGear& lacking) {
  if (!kind.has_processes && !needs.members)
    return needs.nodes ? "it has no broker processes to act on" : "it is not to be administered";
  for (Gear gear : needs.gear) {
    if (!kind.gear.contains(gear)) return missing_words(gear);
  }
  if (unavailable) return *unavailable;
  for (Gear gear : needs.gear) {
    if (const auto why = lacking(kind, gear)) return *why;
  }
  return {};
}

}  // namespace

std::optional<std::string> why_unavailable(const ClusterKind& kind) {
  return kind.unavailable == nullptr ? std::nullopt : kind.unavailable(ClusterSpec{});
}

std::vector<Action> list_actions(const AskKind& unavailable) {
  std::map<std::string, std::optional<std::string>> asked;  // each kind once
  for (const ClusterKind& kind : ClusterKinds::instance().all())
    asked[kind.name] = unavailable(kind);
  const AskGear lacking = gear_asked_once();
  std::vector<Action> out;
  for (const auto& [name, plugin] : Registry<Fault>::instance().all()) {
    Action action{.fault = name, .help = plugin.help, .kinds = {}};
    const Needs needs = needs_of(plugin);
    for (const ClusterKind& kind : ClusterKinds::instance().all())
      action.kinds.push_back({kind.name, why_not(needs, kind, asked[kind.name], lacking)});
    out.push_back(std::move(action));
  }
  return out;
}

nlohmann::json actions_to_json(const std::vector<Action>& actions) {
  nlohmann::json out = nlohmann::json::array();
  for (const Action& action : actions) {
    nlohmann::json kinds = nlohmann::json::array();
    for (const auto& on : action.kinds) {
      kinds.push_back({{"kind", on.kind}, {"can", on.why_not.empty()}});
      if (!on.why_not.empty()) kinds.back()["why"] = on.why_not;
    }
    out.push_back({{"fault", action.fault}, {"kinds", std::move(kinds)}});
  }
  return out;
}

// What a kind lacks is the same for many actions, and told once below them.
std::string actions_to_text(const std::vector<Action>& actions) {
  std::string out = "faults\n";
  std::map<std::string, std::string> reasons;
  for (const Action& action : actions) {
    std::string line;
    for (const auto& on : action.kinds) {
      line += fmt::format("  {} {}", on.kind, on.why_not.empty() ? "yes" : "no");
      if (!on.why_not.empty()) reasons.try_emplace(on.kind + ": " + on.why_not, action.fault);
    }
    out += fmt::format("  {:16}{}\n", action.fault, line);
  }
  for (const auto& [reason, fault] : reasons)
    out += fmt::format("    no, as of {}, on {}\n", fault, reason);
  return out;
}

}  // namespace seatrial::run
