// Folding events, and reading what was folded.
#include "record/run_record.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "core/json_text.hpp"
#include "record/coarse_points.hpp"
#include "record/shape.hpp"

namespace seatrial::record {
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

// In the place of all that begin within its time.
void put_point(json& points, const json& point) {
  const double t = point.at("t_s").get<double>();
  const double end = t + point.value("length_s", 1.0);
  const auto time_of = [](const json& p) { return p.at("t_s").get<double>(); };
  const auto at = std::ranges::lower_bound(points, t, {}, time_of);
  const auto behind = std::ranges::lower_bound(at, points.end(), end, {}, time_of);
  if (at == behind) {
    points.insert(at, point);
    return;
  }
  *at = point;
  points.erase(at + 1, behind);
}

// Beyond, it is no journal of ours: of trials, scenario::load takes no more.
constexpr std::int64_t most_indexed = 10'000;

// Thrown and caught here, as the JSON library's own exceptions are.
struct NoEvent {};

std::size_t index_in(const json& event, const char* key) {
  const json& index = event.at(key);
  if (!index.is_number_integer()) throw NoEvent{};
  const auto at = index.get<std::int64_t>();
  if (at < 0 || at >= most_indexed) throw NoEvent{};
  return static_cast<std::size_t>(at);
}

// Why this is no record; empty if it is one. Renderers bear whatever lies deeper.
std::string no_record(const json& record) {
  if (record.is_discarded()) return "is cut short, no JSON, or nested deeper than any record";
  if (!record.is_object()) return std::string("holds ") + record.type_name() + ", not a record";
  const json named = record.value("schema", json());
  if (named != schema)
    return "has the schema " + json_text(named) + ", not \"" + std::string(schema) + "\"";
  for (const char* part : {"run", "scenario", "cluster", "verdict"}) {
    if (record.contains(part) && !record[part].is_object())
      return std::string("holds no object under '") + part + "'";
  }
  const json trials = record.value("trials", json::array());
  if (!trials.is_array() || !std::ranges::all_of(trials, &json::is_object))
    return "holds no list of objects under 'trials'";
  return trials.empty() && !record.contains("run") ? "holds nothing of a run" : "";
}

}  // namespace

json parse(std::string_view text) {
  constexpr int deepest = 100;  // a record has less than 20; who writes it anew goes as deep
  bool too_deep = false;
  json out = json::parse(
      text,
      [&](int depth, json::parse_event_t, const json&) {
        too_deep |= depth > deepest;
        return !too_deep;
      },
      false);
  return too_deep ? json(json::value_t::discarded) : out;
}

RunRecord::RunRecord()
    : document_{{"schema", schema}, {"partial", true}, {"trials", json::array()}} {}

Result<RunRecord> RunRecord::read(std::string_view text, std::vector<std::string>& taken_out) {
  RunRecord out;
  out.document_ = parse(text);
  if (const auto why = out.mend(taken_out); !why.empty()) return Error{why, ""};
  return out;
}

std::string RunRecord::mend(std::vector<std::string>& taken_out) {
  if (auto why = no_record(document_); !why.empty()) return why;
  taken_out = fit(document_, record_shape());
  bring_up_to_date();
  return "";
}

std::string RunRecord::text() const { return json_text(document_, 1) + "\n"; }

json& RunRecord::trial_to_change(std::size_t index) {
  json& trials = document_["trials"];
  while (trials.size() <= index) {
    trials.push_back({{"index", trials.size()}, {"status", "running"}});
  }
  return trials[index];
}

bool RunRecord::apply(const json& event) try {
  fold(event);
  return true;
} catch (const json::exception&) {
  return false;
} catch (const NoEvent&) {
  return false;
}

void RunRecord::fold(const json& event) {
  const std::string kind = event.value("event", "");
  if (kind == "run") {
    merge(document_, event.at("set"));
  } else if (kind == "again") {
    const std::size_t trial = index_in(event, "trial");
    std::erase_if(may_grow_by_, [start = std::to_string(trial) + "/"](const auto& room) {
      return room.first.starts_with(start);
    });
    json& stale = trial_to_change(trial);
    stale = {{"index", stale.at("index")}, {"status", "running"}};
  } else if (kind == "trial") {
    set_trial(index_in(event, "trial"), event.at("set"));
  } else if (kind == "append") {
    append(index_in(event, "trial"), event.at("to").get<std::string>(), event.at("items"));
  } else if (kind == "points") {
    put_points(index_in(event, "trial"), event.at("workload").get<std::string>(),
               event.at("points"));
  } else if (kind == "fault") {
    json& faults = trial_to_change(index_in(event, "trial"))["faults"];
    if (!faults.is_array()) faults = json::array();
    const auto index = index_in(event, "index");
    while (faults.size() <= index) faults.push_back({{"index", faults.size()}});
    merge(faults[index], event.at("set"));
  }
}

RunRecord RunRecord::with_trials(const std::vector<std::size_t>& places) const {
  RunRecord out;
  out.document_ = json::object();
  for (const auto& [key, value] : document_.items()) {
    if (key != "trials") out.document_[key] = value;
  }
  json& trials = out.document_["trials"] = json::array();
  const auto all = document_.find("trials");
  for (const std::size_t place : places) {
    if (all != document_.end() && place < all->size()) trials.push_back((*all)[place]);
  }
  return out;
}

RunRecord RunRecord::of_trial(std::size_t place) const {
  RunRecord out = with_trials({place});
  for (const char* sum :
       {"planned", "variants", "columns", "expectations", "gate", "capacity", "certificate"})
    out.document_.erase(sum);
  const View trial = out.trial(0);
  json verdict{{"overall", trial["verdict"].text("unknown")}, {"reasons", json::array()}};
  for (const View& reason : trial["reasons"].items()) verdict["reasons"].push_back(reason.text());
  out.document_["verdict"] = std::move(verdict);
  return out;
}

void RunRecord::set_trial(std::size_t trial, const json& set) {
  json& changed = trial_to_change(trial);
  merge(changed, set);
  for (const auto& [key, value] : set.items()) {
    if (grows_by_second(key)) coarsen_points(key, changed[key], changed);
  }
}

void RunRecord::append(std::size_t trial, const std::string& key, const json& items) {
  json& list = trial_to_change(trial)[key];
  if (!list.is_array()) list = json::array();
  for (const auto& item : items) list.push_back(item);
  if (!grows_by_second(key)) return;
  std::size_t& room = may_grow_by_[std::to_string(trial) + "/" + key];
  const std::size_t more = most_of_a_part(items);
  if (room > more) room -= more;
  else room = coarsen_points(key, list, trial_to_change(trial));
}

void RunRecord::put_points(std::size_t trial, const std::string& workload, const json& points) {
  json& series = trial_to_change(trial)["series"];
  json& own = named(series, "workload", workload)["points"];
  if (!own.is_array()) own = json::array();
  for (const auto& point : points) put_point(own, point);
  coarsen_load(own, trial_to_change(trial));
}

void RunRecord::close() {
  // The end of a run is its journal's last event. A run that goes on begins with another "run".
  if (document_.contains("verdict") && view()["run"]["finished_at"]) return;
  document_["partial"] = true;
  for (auto& trial : document_["trials"]) {
    if (View(trial)["status"].text("running") == "running") {
      trial["verdict"] = "unknown";
      trial["reasons"] = {"the run ended before this trial did"};
    }
  }
  document_["verdict"] = {
      {"overall", "unknown"},
      {"exit_code", 2},
      {"reasons", {"the run ended before its verdict: this record is partial"}}};
}

// Records of earlier programs lack what faults say of themselves.
void RunRecord::bring_up_to_date() {
  static const std::map<std::string, std::string> effects{
      {"kill", "killed"}, {"stop", "ended"}, {"restart", "ended"}, {"pause", "held"}};
  const auto trials = document_.find("trials");
  if (trials == document_.end()) return;
  for (auto& trial : *trials) {
    const auto faults = trial.find("faults");
    if (faults == trial.end() || !faults->is_array()) continue;
    for (auto& fault : *faults) {
      if (!fault.is_object() || fault.contains("effect")) continue;
      const json action = fault.value("action", json());
      const auto known = action.is_string() ? effects.find(action) : effects.end();
      if (known != effects.end()) fault["effect"] = known->second;
    }
  }
}

}  // namespace seatrial::record
