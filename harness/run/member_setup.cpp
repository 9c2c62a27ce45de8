// Field by field, both ways.
#include "run/member_setup.hpp"

#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "core/registry.hpp"

namespace seatrial::run {

using nlohmann::json;

namespace {

json options_json(const std::map<std::string, RawOption>& options) {
  json out = json::object();
  for (const auto& [name, raw] : options) {
    out[name] = {{"text", raw.text}, {"entries", raw.entries}, {"is_map", raw.is_map}};
  }
  return out;
}

std::map<std::string, RawOption> read_options(const json& from) {
  std::map<std::string, RawOption> out;
  for (const auto& [name, raw] : from.items()) {
    RawOption option;
    raw.at("text").get_to(option.text);
    raw.at("entries").get_to(option.entries);
    raw.at("is_map").get_to(option.is_map);
    out.emplace(name, std::move(option));
  }
  return out;
}

}  // namespace

json to_json(const MemberSetup& setup) {
  const LaneContext& lane = setup.context;
  return {{"kind", setup.kind},           {"options", options_json(setup.options)},
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
  out.options = read_options(from.at("options"));
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

json question_of_version() { return {{"question", "version"}}; }

json question_of_workload(const std::string& kind,
                          const std::map<std::string, RawOption>& options) {
  return {{"question", "workload"}, {"kind", kind}, {"options", options_json(options)}};
}

bool is_question(const json& line) { return line.contains("question"); }

json answer(const json& question) {
  if (question.at("question") == "version") return to_json(kafka::loaded_library());
  const auto* plugin = Registry<Workload>::instance().find(question.at("kind").get<std::string>());
  check(plugin != nullptr, "a question is about a workload that there is");
  std::vector<OptionProblem> problems;
  const auto options =
      Options::check(plugin->options, read_options(question.at("options")), problems);
  json out{{"problems", json::array()}, {"contradiction", ""}, {"properties", json::object()}};
  for (const auto& problem : problems) {
    out["problems"].push_back({{"name", problem.name}, {"message", problem.message}});
  }
  if (!problems.empty()) return out;
  try {
    out["properties"] = plugin->make(options)->client_properties();
  } catch (const UsageError& error) {
    out["contradiction"] = error.what();
  }
  return out;
}

json to_json(const kafka::LoadedLibrary& library) {
  return {{"version", library.version}, {"file", library.file}, {"copies", library.copies}};
}

kafka::LoadedLibrary read_loaded(const json& from) {
  kafka::LoadedLibrary out;
  from.at("version").get_to(out.version);
  from.at("file").get_to(out.file);
  from.at("copies").get_to(out.copies);
  return out;
}

scenario::LibraryAnswer read_answer(const json& from) {
  scenario::LibraryAnswer out;
  for (const auto& problem : from.at("problems")) {
    out.problems.push_back({.name = problem.at("name").get<std::string>(),
                            .message = problem.at("message").get<std::string>()});
  }
  from.at("contradiction").get_to(out.contradiction);
  from.at("properties").get_to(out.properties);
  return out;
}

}  // namespace seatrial::run
