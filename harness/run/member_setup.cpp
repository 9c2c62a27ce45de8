// Field by field, both ways.
#include "run/member_setup.hpp"

#include <nlohmann/json.hpp>

namespace seatrial::run {

using nlohmann::json;

json to_json(const MemberSetup& setup) {
  json options = json::object();
  for (const auto& [name, raw] : setup.options) {
    options[name] = {{"text", raw.text}, {"entries", raw.entries}, {"is_map", raw.is_map}};
  }
  const LaneContext& lane = setup.context;
  return {{"kind", setup.kind},           {"options", std::move(options)},
          {"parent", setup.parent},       {"lane", lane.lane.value},
          {"index", lane.index},          {"lanes", lane.lanes},
          {"workload", lane.workload},    {"bootstrap", lane.bootstrap},
          {"topic", lane.topic},          {"partitions", lane.partitions},
          {"trial_tag", lane.trial_tag},  {"seed", lane.seed},
          {"properties", lane.properties}};
}

MemberSetup read_setup(const json& from) {
  MemberSetup out;
  from.at("kind").get_to(out.kind);
  from.at("parent").get_to(out.parent);
  for (const auto& [name, raw] : from.at("options").items()) {
    RawOption option;
    raw.at("text").get_to(option.text);
    raw.at("entries").get_to(option.entries);
    raw.at("is_map").get_to(option.is_map);
    out.options.emplace(name, std::move(option));
  }
  LaneContext& lane = out.context;
  lane.lane = LaneId(from.at("lane").get<std::uint32_t>());
  from.at("index").get_to(lane.index);
  from.at("lanes").get_to(lane.lanes);
  from.at("workload").get_to(lane.workload);
  from.at("bootstrap").get_to(lane.bootstrap);
  from.at("topic").get_to(lane.topic);
  from.at("partitions").get_to(lane.partitions);
  from.at("trial_tag").get_to(lane.trial_tag);
  from.at("seed").get_to(lane.seed);
  from.at("properties").get_to(lane.properties);
  return out;
}

json to_json(const LaneReport& report) {
  json errors = json::array();
  for (const auto& [partition, counts] : report.errors) {
    errors.push_back({{"partition", partition}, {"counts", counts}});
  }
  return {{"effective_config", report.effective_config},
          {"errors", std::move(errors)},
          {"notes", report.notes},
          {"client_version", report.client_version}};
}

LaneReport read_report(const json& from) {
  LaneReport out;
  from.at("effective_config").get_to(out.effective_config);
  for (const auto& row : from.at("errors")) {
    row.at("counts").get_to(out.errors[row.at("partition").get<std::int32_t>()]);
  }
  from.at("notes").get_to(out.notes);
  from.at("client_version").get_to(out.client_version);
  return out;
}

}  // namespace seatrial::run
