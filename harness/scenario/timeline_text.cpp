// Writes timelines, and puts them into the text of a scenario, of which comments and order stay.
#include "scenario/timeline_text.hpp"

#include <algorithm>
#include <set>

namespace seatrial::scenario {
namespace {

std::string exact(nanoseconds span) {
  const auto ns = span.count();
  if (ns % 1'000'000 == 0) return std::to_string(ns / 1'000'000) + "ms";
  return std::to_string(ns) + "ns";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string trigger_yaml(const Trigger& trigger) {
  std::string out;
  if (trigger.at) {
    out = "at: " + exact(*trigger.at);
  } else if (trigger.when) {
    out =
        (names_fault(trigger.when->kind) ? "after: " : "when: ") + quoted(to_string(*trigger.when));
  } else {
    out = "after: " + std::to_string(trigger.after_acked.value_or(0)) + " acked";
  }
  return trigger.delay.count() > 0 ? out + ", delay: " + exact(trigger.delay) : out;
}

std::string options_yaml(const Options& options) {
  std::string out;
  for (const auto& [name, value] : options.all()) {
    if (!value.is_map) {
      out += ", " + name + ": " + quoted(value.text);
      continue;
    }
    if (value.entries.empty()) continue;
    std::string entries;
    for (const auto& [key, text] : value.entries)
      entries += (entries.empty() ? "" : ", ") + quoted(key) + ": " + quoted(text);
    out += ", " + name + ": {" + entries + "}";
  }
  return out;
}

// What the seed decided stands there as decided.
std::string target_text(const FaultPlan& fault) {
  const bool concrete = fault.drawn.empty() || fault.target.kind == Target::Kind::member ||
                        fault.target.kind == Target::Kind::rack;
  if (concrete) return to_string(fault.target);
  std::string out;
  for (const NodeId node : fault.drawn)
    out += (out.empty() ? "" : ", ") + std::string("broker(") + std::to_string(node.value) + ")";
  return fault.drawn.size() == 1 ? out : "[" + out + "]";
}

std::string fault_yaml(const FaultPlan& fault) {
  std::string out = "  - {" + trigger_yaml(fault.trigger) + ", fault: " + fault.action;
  if (!fault.name.empty()) out += ", name: " + fault.name;
  if (fault.target.kind != Target::Kind::cluster) out += ", target: " + quoted(target_text(fault));
  if (fault.heal_after) out += ", heal_after: " + exact(*fault.heal_after);
  return out + options_yaml(fault.options) + "}\n";
}

// Of a line that begins a top-level key, that key; else empty.
std::string top_key(std::string_view line) {
  const auto colon = line.find(':');
  if (line.empty() || line[0] == ' ' || line[0] == '#' || line[0] == '-' || colon == line.npos)
    return "";
  return std::string(line.substr(0, colon));
}

}  // namespace

std::string timeline_to_yaml(const std::vector<FaultPlan>& timeline) {
  if (timeline.empty()) return "timeline: []\n";
  std::string out = "timeline:\n";
  for (const auto& fault : timeline) out += fault_yaml(fault);
  return out;
}

std::string with_timeline(const std::string& text, const std::map<std::string, std::string>& axes,
                          const std::vector<FaultPlan>& timeline) {
  static const std::set<std::string> dropped{"timeline", "chaos", "matrix", "repeat",
                                             "expect",   "show",  "gate"};
  std::string out;
  bool keep = true;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    at = end;
    if (const auto key = top_key(line); !key.empty()) keep = !dropped.contains(key);
    if (keep) out += line;
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  if (!axes.empty()) {
    out += "matrix:\n";
    for (const auto& [axis, value] : axes) out += "  " + axis + ": [" + quoted(value) + "]\n";
  }
  return out + timeline_to_yaml(timeline);
}

}  // namespace seatrial::scenario
