// Loss as rate x pause, and what the same moment cost with acks=all.
//
// While every follower of a leader stands still, acks=1 goes on acknowledging what only the leader
// has. If the leader dies then, that is lost: about the rate times the time it stood alone, on the
// partitions it led.
#include "judge/explain.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/time.hpp"
#include "core/units.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

// SIGKILL works at once; that the process is gone is seen only later, most of all in containers.
struct Death {
  int node = 0;
  double asked_s = 0;
  const json* fault = nullptr;
};

const json& list(const json& object, const char* key) {
  static const json empty = json::array();
  const auto it = object.find(key);
  return it != object.end() && it->is_array() ? *it : empty;
}

const json& evidence_nodes(const json& fault) {
  static const json empty = json::object();
  const auto it = fault.find("evidence");
  return list(it == fault.end() ? empty : *it, "nodes");
}

const json& evidence_partitions(const json& fault) {
  static const json empty = json::object();
  const auto it = fault.find("evidence");
  return list(it == fault.end() ? empty : *it, "partitions");
}

std::vector<Death> deaths(const json& trial) {
  std::vector<Death> out;
  for (const auto& fault : list(trial, "faults")) {
    if (fault.value("effect", "") != "killed" || fault.value("status", "") != "effective") continue;
    for (const auto& node : evidence_nodes(fault)) {
      if (!node.contains("node") || !node.contains("seen_s")) continue;  // a member, or unseen
      out.push_back({node["node"], node["asked_s"], &fault});
    }
  }
  return out;
}

// How long before the death all other serving brokers had been standing still; nothing if one
// moved.
std::optional<double> alone_for_s(const json& trial, const Death& death) {
  std::set<int> others;
  for (const auto& node : list(trial, "nodes")) {
    if (node.value("role", "") != "controller" && node.value("id", 0) != death.node) {
      others.insert(node.value("id", 0));
    }
  }
  double since = 0;
  for (const auto& fault : list(trial, "faults")) {
    if (fault.value("effect", "") != "held") continue;
    for (const auto& node : evidence_nodes(fault)) {
      const double from = node.value("seen_s", death.asked_s + 1);
      const double to = node.value("undone_s", death.asked_s + 1);
      if (from > death.asked_s || to < death.asked_s) continue;
      if (others.erase(node.value("node", 0)) > 0) since = std::max(since, from);
    }
  }
  if (!others.empty()) return std::nullopt;
  return death.asked_s - since;
}

struct Led {
  std::size_t by_victim = 0, all = 0;
};

Led partitions_led(const Death& death) {
  Led led;
  for (const auto& partition : evidence_partitions(*death.fault)) {
    ++led.all;
    if (partition.value("leader_before", -1) == death.node) ++led.by_victim;
  }
  return led;
}

std::string milliseconds_text(double seconds_value) {
  return format_duration(nanoseconds(static_cast<std::int64_t>(seconds_value * 1e9)));
}

double offered_per_s(const json& trial) {
  double rate = 0;
  for (const auto& workload : list(trial, "workloads"))
    rate += workload.value("offered_per_s", 0.0);
  return rate;
}

void explain_death(const json& trial, const Death& death, std::uint64_t lost,
                   std::vector<std::string>& out) {
  const Led led = partitions_led(death);
  const double rate = offered_per_s(trial);
  const auto alone = alone_for_s(trial, death);
  const std::string victim = "broker " + std::to_string(death.node);
  if (!alone || rate <= 0 || led.by_victim == 0) {
    if (lost == 0 && led.by_victim == 0) {
      out.push_back("No acked message was lost when " + victim +
                    " was killed: it led no partition, so what it had the leaders had too.");
    } else if (lost == 0) {
      out.push_back(
          "No acked message was lost when " + victim +
          " was killed; a plain kill under acks=1 loses a few dozen messages or none, those "
          "acked in the last moments before a follower had fetched them.");
    }
    return;
  }
  const double share = static_cast<double>(led.by_victim) / static_cast<double>(led.all);
  const auto expected = static_cast<std::uint64_t>(std::llround(rate * *alone * share));
  const std::string window =
      "For " + milliseconds_text(*alone) + " before " + victim +
      " was killed, every other broker stood still (measured from the states "
      "of the processes). ";
  if (lost > 0) {
    out.push_back(window + "It led " + std::to_string(led.by_victim) + " of " +
                  std::to_string(led.all) +
                  " partitions and went on acknowledging what only it had: " + "rate x pause = " +
                  format_count(static_cast<std::uint64_t>(rate)) + "/s x " +
                  milliseconds_text(*alone) + " x " + std::to_string(led.by_victim) + "/" +
                  std::to_string(led.all) + " = about " + format_count(expected) + " messages. " +
                  format_count(lost) + " acked messages are missing from the log.");
    out.push_back(
        "Without the pause, a plain kill of the leader loses a few dozen messages or none: "
        "the followers are only milliseconds behind.");
  } else {
    out.push_back(window +
                  "Nothing was acknowledged that only it had, so nothing acked was lost; "
                  "with acks=1 about " +
                  format_count(expected) + " messages (rate x pause) would have been.");
  }
}

}  // namespace

std::vector<std::string> explain_outcome(const json& trial) {
  std::vector<std::string> out;
  const json totals = trial.value("/audit/totals"_json_pointer, json::object());
  if (trial.value("/audit/status"_json_pointer, "") != "complete") return out;
  const auto lost = totals.value("acked_lost", std::uint64_t{0});
  for (const Death& death : deaths(trial)) explain_death(trial, death, lost, out);
  std::int64_t longest = 0;
  for (const auto& partition : list(trial, "availability")) {
    longest = std::max(longest, partition.value("longest_ns", std::int64_t{0}));
  }
  if (longest > 0) {
    out.push_back(
        "The longest time in which a partition had messages due and acknowledged none was " +
        format_duration(nanoseconds(longest)) + ".");
  }
  return out;
}

}  // namespace seatrial::judge
