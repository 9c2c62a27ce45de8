// Folding events into the record, and reading a record back from a run folder.
#include "record/record.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/read_file.hpp"

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

void put_point(json& points, const json& point) {
  const double t = point.at("t_s").get<double>();
  const auto at = std::ranges::lower_bound(points, t, {},
                                           [](const json& p) { return p.at("t_s").get<double>(); });
  if (at != points.end() && at->at("t_s").get<double>() == t) *at = point;
  else points.insert(at, point);
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

// Trials that were running when the journal ends are partial, and so is the verdict.
void mark_partial(json& record) {
  record["partial"] = true;
  for (auto& trial : record["trials"]) {
    if (trial.value("status", json("running")) == "running") {
      trial["verdict"] = "unknown";
      trial["reasons"] = {"the run ended before this trial did"};
    }
  }
  record["verdict"] = {{"overall", "unknown"},
                       {"exit_code", 2},
                       {"reasons", {"the run ended before its verdict: this record is partial"}}};
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

RecordFold::RecordFold()
    : record_{{"schema", record_schema}, {"partial", true}, {"trials", json::array()}} {}

json& RecordFold::trial(std::size_t index) {
  json& trials = record_["trials"];
  while (trials.size() <= index) {
    trials.push_back({{"index", trials.size()}, {"status", "running"}});
  }
  return trials[index];
}

bool RecordFold::apply(const json& event) try {
  fold(event);
  return true;
} catch (const json::exception&) {
  return false;
} catch (const NoEvent&) {
  return false;
}

void RecordFold::fold(const json& event) {
  const std::string kind = event.value("event", "");
  if (kind == "run") {
    merge(record_, event.at("set"));
  } else if (kind == "again") {
    json& stale = trial(index_in(event, "trial"));
    stale = {{"index", stale.at("index")}, {"status", "running"}};
  } else if (kind == "trial") {
    merge(trial(index_in(event, "trial")), event.at("set"));
  } else if (kind == "append") {
    json& list = trial(index_in(event, "trial"))[event.at("to").get<std::string>()];
    if (!list.is_array()) list = json::array();
    for (const auto& item : event.at("items")) list.push_back(item);
  } else if (kind == "points") {
    json& series = trial(index_in(event, "trial"))["series"];
    json& points = named(series, "workload", event.at("workload").get<std::string>())["points"];
    if (!points.is_array()) points = json::array();
    for (const auto& point : event.at("points")) put_point(points, point);
  } else if (kind == "fault") {
    json& faults = trial(index_in(event, "trial"))["faults"];
    if (!faults.is_array()) faults = json::array();
    const auto index = index_in(event, "index");
    while (faults.size() <= index) faults.push_back({{"index", faults.size()}});
    merge(faults[index], event.at("set"));
  }
}

namespace {

// Nothing if there is no such file.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && (!error || error == std::errc::not_a_directory))
    return std::optional<std::string>();
  auto text = read_file(path);
  if (!text) return Error{"cannot read " + path.string() + ": " + text.error().message, ""};
  return std::optional(std::move(*text));
}

// Why this is no record; empty if it is one. Renderers bear whatever lies deeper.
std::string no_record(const json& record) {
  if (record.is_discarded()) return "is cut short, no JSON, or nested deeper than any record";
  if (!record.is_object()) return std::string("holds ") + record.type_name() + ", not a record";
  const json schema = record.value("schema", json());
  if (schema != record_schema)
    return "has the schema " + schema.dump() + ", not \"" + record_schema + "\"";
  for (const char* part : {"run", "scenario", "cluster", "verdict"}) {
    if (record.contains(part) && !record[part].is_object())
      return std::string("holds no object under '") + part + "'";
  }
  const json trials = record.value("trials", json::array());
  if (!trials.is_array() || !std::ranges::all_of(trials, &json::is_object))
    return "holds no list of objects under 'trials'";
  return trials.empty() && !record.contains("run") ? "holds nothing of a run" : "";
}

bool of_another_version(const json& record) {
  if (!record.is_object() || !record.contains("schema")) return false;
  const json& schema = record["schema"];
  return schema.is_string() && schema != record_schema &&
         schema.get_ref<const std::string&>().starts_with("seatrial.run/");
}

// Records of earlier programs lack what faults say of themselves.
void bring_up_to_date(json& record) {
  static const std::map<std::string, std::string> effects{
      {"kill", "killed"}, {"stop", "ended"}, {"restart", "ended"}, {"pause", "held"}};
  const auto trials = record.find("trials");
  if (trials == record.end()) return;
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

// The end of a run is its journal's last event. A run that goes on begins with another "run".
bool has_ended(const json& record) {
  return record.contains("verdict") && record.contains("/run/finished_at"_json_pointer);
}

Result<LoadedRecord> load_journal(const std::filesystem::path& path, const std::string& text) {
  RecordFold fold;
  LoadedRecord loaded;
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (fold.apply(parse(line))) continue;
    // Nothing after it can be trusted. The last line may be cut short: whoever was killed did that.
    if (!lines.eof() && lines.peek() != std::char_traits<char>::eof()) {
      loaded.aside = path.string() + ":" + std::to_string(number) +
                     ": damaged; what comes after this line is left out";
    }
    break;
  }
  loaded.record = fold.record();
  if (const auto why = no_record(loaded.record); !why.empty())
    return Error{path.string() + " " + why, "it is damaged: run the scenario again"};
  bring_up_to_date(loaded.record);
  if (!has_ended(loaded.record)) mark_partial(loaded.record);
  return loaded;
}

}  // namespace

Result<LoadedRecord> load_record(const std::filesystem::path& folder) {
  const auto path = folder / "run.json";
  const auto text = read_if_there(path);
  std::string why = text ? "" : text.error().message;
  if (text && *text) {
    json record = parse(**text);
    why = no_record(record);
    if (why.empty()) {
      bring_up_to_date(record);
      return LoadedRecord{std::move(record), ""};
    }
    why = path.string() + " " + why;
    if (of_another_version(record)) {
      return Error{why, "it was written by another version of seatrial; use that one to read it"};
    }
  }
  const auto journal = read_if_there(folder / "journal.jsonl");
  if (!journal) return journal.error();
  if (!*journal && !why.empty()) {
    return Error{why, "no journal.jsonl is beside it, from which it could be read again"};
  }
  if (!*journal) {
    return Error{folder.string() + " holds no run: neither run.json nor journal.jsonl is there",
                 "name a folder under results/, such as results/latest"};
  }
  auto loaded = load_journal(folder / "journal.jsonl", **journal);
  if (loaded && !why.empty()) {
    const std::string more = loaded->aside.empty() ? "" : "\n" + loaded->aside;
    loaded->aside = why + ": what follows is read from the journal beside it" + more;
  }
  return loaded;
}

}  // namespace seatrial::record
