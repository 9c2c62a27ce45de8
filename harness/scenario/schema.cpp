// The JSON Schema of scenarios, written from the tables that the readers check by. It is for
// editors, and hence laxer than the readers: a value may always be a `${...}`.
#include <nlohmann/json.hpp>

#include "client/workload.hpp"
#include "core/cluster.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

using nlohmann::json;

json scalar() { return {{"type", {"string", "number", "boolean"}}}; }
json map_of(json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

json option_schema(const OptionSpec& spec) {
  json out = spec.type == OptionType::properties ? map_of(scalar()) : scalar();
  if (!spec.help.empty()) out["description"] = spec.help;
  if (!spec.fallback.empty()) out["default"] = spec.fallback;
  if (spec.type == OptionType::choice) {
    out = {{"description", spec.help},
           {"anyOf", {{{"enum", spec.choices}}, {{"type", "string"}, {"pattern", "\\$\\{"}}}}};
  }
  return out;
}

json section_schema(const std::vector<OptionSpec>& keys) {
  json out{{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
  for (const auto& key : keys) {
    out["properties"][key.name] = option_schema(key);
    if (key.required) out["required"].push_back(key.name);
  }
  return out;
}

json workloads_schema() {
  json kinds = json::array();
  for (const auto& [name, plugin] : Registry<Workload>::instance().all()) {
    auto keys = plugin.options;
    keys.insert(keys.end(), workload_keys().begin(), workload_keys().end());
    auto kind = section_schema(keys);
    kind["description"] = plugin.help;
    kind["properties"]["kind"] = {{"const", name}};
    kinds.push_back(std::move(kind));
  }
  return map_of({{"oneOf", kinds}});
}

json phases_schema() {
  auto phases = section_schema(phase_keys());
  json& warmup = phases["properties"]["warmup"];
  json bounds = section_schema(warmup_keys());
  warmup = {{"description", warmup["description"]}, {"anyOf", {std::move(warmup), bounds}}};
  return phases;
}

json timeline_schema() {
  auto fault = section_schema(timeline_keys());
  for (const auto& [name, plugin] : Registry<Fault>::instance().all()) {
    for (const auto& option : plugin.options) {
      fault["properties"][option.name] = option_schema(option);
    }
  }
  fault["properties"]["fault"]["enum"] = Registry<Fault>::instance().names();
  json& target = fault["properties"]["target"];
  target = {{"description", target["description"]},
            {"anyOf", {scalar(), {{"type", "array"}, {"items", scalar()}}}}};
  json sequence{{"type", "object"}, {"additionalProperties", false}, {"required", {"sequence"}}};
  sequence["properties"]["sequence"] = {
      {"description", "entries, each of which waits until the one before it was healed"},
      {"type", "array"},
      {"minItems", 1},
      {"items", fault}};
  return {{"type", "array"}, {"items", {{"anyOf", {std::move(fault), std::move(sequence)}}}}};
}

json chaos_schema() {
  auto out = section_schema(chaos_keys());
  json names = json::object();
  for (const auto& name : Registry<Fault>::instance().names())
    names[name] = {{"anyOf", {scalar(), {{"type", "object"}}}}};
  out["properties"]["faults"] = {
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(names)}};
  out["properties"]["targets"] = {{"type", "array"}, {"items", scalar()}};
  out["required"].push_back("faults");
  return out;
}

json expect_schema() {
  auto expectation = section_schema(expect_keys());
  expectation["oneOf"] = {{{"required", {"that"}}}, {{"required", {"control"}}}};
  expectation["properties"]["where"] =
      map_of({{"anyOf", {scalar(), {{"type", "array"}, {"items", scalar()}}}}});
  return {{"type", "array"}, {"items", expectation}};
}

json gate_schema() {
  auto metric = section_schema(gated_metric_keys());
  auto gate = section_schema(gate_keys());
  gate["properties"]["baseline"] = map_of(scalar());
  gate["properties"]["candidate"] = map_of(scalar());
  gate["properties"]["metrics"] = {
      {"type", "array"}, {"minItems", 1}, {"items", {{"anyOf", {scalar(), std::move(metric)}}}}};
  return gate;
}

json part_schema(std::string_view name) {
  if (name == "cluster") {
    auto cluster = section_schema(cluster_keys());
    cluster["properties"]["racks"] = {
        {"description", cluster["properties"]["racks"]["description"]},
        {"anyOf", {scalar(), {{"type", "array"}, {"items", scalar()}}}}};
    cluster["properties"]["kind"]["examples"] = {"auto"};
    for (const auto& kind : ClusterKinds::instance().all()) {
      cluster["properties"]["kind"]["examples"].push_back(kind.name);
    }
    return cluster;
  }
  if (name == "topics") {
    auto topic = section_schema(topic_keys());
    topic["type"] = {"object", "null"};
    return map_of(topic);
  }
  if (name == "workloads") return workloads_schema();
  if (name == "history") return {{"enum", {"none", "full"}}};
  if (name == "allow_in_broker_logs" || name == "show")
    return {{"type", "array"}, {"items", scalar()}};
  if (name == "matrix") return map_of({{"type", "array"}, {"items", scalar()}, {"minItems", 1}});
  if (name == "phases") return phases_schema();
  if (name == "timeline") return timeline_schema();
  if (name == "chaos") return chaos_schema();
  if (name == "gate") return gate_schema();
  return name == "expect" ? expect_schema() : scalar();
}

}  // namespace

std::string schema_json() {
  json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
           {"title", "Seatrial scenario"},
           {"type", "object"},
           {"additionalProperties", false},
           {"required", {"name", "workloads"}}};
  for (const auto& key : top_keys()) {
    auto part = part_schema(key.name);
    part["description"] = key.help;
    out["properties"][std::string(key.name)] = std::move(part);
  }
  return out.dump(2) + "\n";
}

}  // namespace seatrial::scenario
