// The run record as the fold of the journal's events (journal.hpp); its shape is in record.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/result.hpp"

namespace seatrial::record {

inline constexpr const char* record_schema = "seatrial.run/1";

// A record, or an event; discarded where it is no JSON, or nested so deep that whoever walks
// through it would exhaust the stack.
[[nodiscard]] nlohmann::json parse(std::string_view text);

class RecordFold {
 public:
  RecordFold();
  // False for what is no event of ours, which may be half folded in. An event of an unknown kind is
  // ignored.
  [[nodiscard]] bool apply(const nlohmann::json& event);
  [[nodiscard]] const nlohmann::json& record() const { return record_; }

 private:
  void fold(const nlohmann::json& event);
  nlohmann::json& trial(std::size_t index);
  nlohmann::json record_;
};

struct LoadedRecord {
  nlohmann::json record;
  std::string aside;  // what was wrong with a file, and what was read in its place; mostly empty
};

// The record of a run folder: run.json if the run ended, else the fold of what its journal holds,
// marked partial unless the journal has the run's end. So is a run.json that is cut short. A last
// line of the journal cut short by a crash is left out.
Result<LoadedRecord> load_record(const std::filesystem::path& folder);

}  // namespace seatrial::record
