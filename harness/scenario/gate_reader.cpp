// Reads `gate:`.
#include "scenario/gate_reader.hpp"

#include <algorithm>

#include "core/suggest.hpp"
#include "scenario/expectation.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

// `cluster.version: 4.2.0` as `cluster.version=4.2.0`; a list becomes [a, b].
std::vector<std::string> read_side(const Entry& side, Problems& problems) {
  std::vector<std::string> out;
  const std::string title = "gate: " + side.key;
  if (!is_map_or_absent(side.value, title, problems)) return out;
  for (const auto& entry : side.value.entries) {
    if (entry.value.unresolved) continue;
    if (!entry.value.is_scalar()) {
      problems.add(entry.value.place, title + ": " + entry.key + " takes one value, not " +
                                          std::string(kind_name(entry.value)) +
                                          "; name what is in it, as in cluster.config.PROPERTY");
      continue;
    }
    out.push_back(entry.key + "=" + entry.value.text);
  }
  return out;
}

std::optional<double> share_of(const Options& options, const char* key) {
  if (!options.has(key)) return std::nullopt;
  const auto share = parse_share(options.text(key));
  return share ? std::optional(*share) : std::nullopt;
}

std::optional<GatedMetric> read_metric(const Node& node, const Roles& roles, Problems& problems) {
  GatedMetric out;
  const Node* asked = &node;
  if (node.is_map()) {
    const auto options = read_section(node, gated_metric_keys(), "gate: metrics", problems);
    if (!options.has("metric")) return std::nullopt;  // and told
    asked = &node.find("metric")->value;
    if (options.has("gates")) out.gates = options.boolean("gates");
    out.delta = share_of(options, "delta");
    out.delta_max = share_of(options, "delta_max");
    if (out.delta && out.delta_max && *out.delta_max <= *out.delta) {
      problems.add(place_of(node, "delta_max"),
                   "gate: metrics: delta_max must be above delta: what is between the two neither "
                   "fails nor passes");
    }
  }
  auto question = read_question("gate: metrics", *asked, roles, problems);
  if (!question) return std::nullopt;
  static_cast<MetricQuestion&>(out) = std::move(*question);
  out.text = question_text(out);
  return out;
}

std::vector<GatedMetric> read_metrics(const Node& list, const Roles& roles, Problems& problems) {
  std::vector<GatedMetric> out;
  if (list.kind != Node::Kind::sequence || list.items.empty()) {
    problems.add(list.place, "gate: metrics must be a list, as in [throughput, " +
                                 std::string("{metric: p99(produce.response), delta: 10%}]"));
    return out;
  }
  for (const auto& item : list.items) {
    auto metric = read_metric(item, roles, problems);
    if (!metric) continue;
    if (std::ranges::any_of(out, [&](const auto& other) { return other.text == metric->text; })) {
      problems.add(item.place, "gate: metrics: " + metric->text + " stands there twice");
      continue;
    }
    out.push_back(std::move(*metric));
  }
  return out;
}

}  // namespace

std::optional<GatePlan> read_gate(const Node& gate, const Node& written, const Roles& roles,
                                  Problems& problems) {
  if (gate.kind == Node::Kind::null || !is_map_or_absent(gate, "gate", problems))
    return std::nullopt;
  GatePlan out;
  Node plain = gate;  // options take neither lists nor settings
  std::erase_if(plain.entries, [](const Entry& entry) {
    return entry.key == "baseline" || entry.key == "candidate" || entry.key == "metrics";
  });
  auto keys = gate_keys();
  for (const char* own : {"baseline", "candidate", "metrics"})
    keys.push_back({own, OptionType::text, "", "", {}, false, nullptr});
  const auto options = read_section(plain, keys, "gate", problems);
  if (options.has("budget")) out.budget = options.duration("budget");
  if (const auto* side = written.find("baseline")) out.baseline = read_side(*side, problems);
  if (const auto* side = written.find("candidate")) out.candidate = read_side(*side, problems);
  if (const auto* metrics = gate.find("metrics"))
    out.metrics = read_metrics(metrics->value, roles, problems);
  return out;
}

}  // namespace seatrial::scenario
