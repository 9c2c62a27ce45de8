// Folding events into the record, and reading a record back from a run folder.
#include "run/record.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/check.hpp"
#include "core/file_text.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

void merge(json& into, const json& set) {
  for (const auto& [key, value] : set.items()) into[key] = value;
}

json& named(json& list, const char* key, const std::string& name) {
  if (!list.is_array()) list = json::array();
  for (auto& entry : list) {
    if (entry.value(key, "") == name) return entry;
  }
  list.push_back({{key, name}});
  return list.back();
}

void put_point(json& points, const json& point) {
  const double t = point.at("t_s").get<double>();
  const auto at = std::ranges::lower_bound(points, t, {},
                                           [](const json& p) { return p.at("t_s").get<double>(); });
  if (at != points.end() && at->at("t_s").get<double>() == t) *at = point;
  else points.insert(at, point);
}

// Trials that were running when the journal ends are partial, and so is the verdict.
void mark_partial(json& record) {
  record["partial"] = true;
  for (auto& trial : record["trials"]) {
    if (trial.value("status", "running") == "running") {
      trial["verdict"] = "unknown";
      trial["reasons"] = {"the run ended before this trial did"};
    }
  }
  record["verdict"] = {{"overall", "unknown"},
                       {"exit_code", 2},
                       {"reasons", {"the run ended before its verdict: this record is partial"}}};
}

}  // namespace

RecordFold::RecordFold()
    : record_{{"schema", record_schema}, {"partial", true}, {"trials", json::array()}} {}

json& RecordFold::trial(int index) {
  json& trials = record_["trials"];
  while (trials.size() <= static_cast<std::size_t>(index)) {
    trials.push_back({{"index", trials.size()}, {"status", "running"}});
  }
  return trials[static_cast<std::size_t>(index)];
}

void RecordFold::apply(const json& event) {
  const std::string kind = event.value("event", "");
  if (kind == "run") {
    merge(record_, event.at("set"));
  } else if (kind == "again") {
    json& stale = trial(event.at("trial").get<int>());
    stale = {{"index", stale.at("index")}, {"status", "running"}};
  } else if (kind == "trial") {
    merge(trial(event.at("trial").get<int>()), event.at("set"));
  } else if (kind == "append") {
    json& list = trial(event.at("trial").get<int>())[event.at("to").get<std::string>()];
    if (!list.is_array()) list = json::array();
    for (const auto& item : event.at("items")) list.push_back(item);
  } else if (kind == "points") {
    json& series = trial(event.at("trial").get<int>())["series"];
    json& points = named(series, "workload", event.at("workload").get<std::string>())["points"];
    if (!points.is_array()) points = json::array();
    for (const auto& point : event.at("points")) put_point(points, point);
  } else if (kind == "fault") {
    json& faults = trial(event.at("trial").get<int>())["faults"];
    if (!faults.is_array()) faults = json::array();
    const auto index = event.at("index").get<std::size_t>();
    while (faults.size() <= index) faults.push_back({{"index", faults.size()}});
    merge(faults[index], event.at("set"));
  }
}

Result<json> load_record(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "run.json")) {
    auto record = json::parse(file_text(folder / "run.json").value_or(""), nullptr, false);
    if (record.is_discarded() || record.value("schema", "") != record_schema) {
      return Error{(folder / "run.json").string() + " is not a record of schema " + record_schema,
                   "it was written by another version of seatrial; use that one to read it"};
    }
    return record;
  }
  std::ifstream journal(folder / "journal.jsonl");
  if (!journal) {
    return Error{folder.string() + " holds no run: neither run.json nor journal.jsonl is there",
                 "name a folder under results/, such as results/latest"};
  }
  RecordFold fold;
  for (std::string line; std::getline(journal, line);) {
    const auto event = json::parse(line, nullptr, false);
    if (event.is_discarded()) break;  // cut short: nothing after it can be trusted
    fold.apply(event);
  }
  json record = fold.record();
  mark_partial(record);
  return record;
}

void write_atomically(const std::filesystem::path& path, const std::string& text) {
  const auto temporary = path.string() + ".part";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) throw InfrastructureError("cannot write " + temporary + ": is the disk full?");
  }
  std::filesystem::rename(temporary, path);
}

}  // namespace seatrial::run
