// The run record as the fold of the journal's events (journal.hpp); its shape is in record.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/result.hpp"

namespace seatrial::run {

inline constexpr const char* record_schema = "seatrial.run/1";

class RecordFold {
 public:
  RecordFold();
  void apply(const nlohmann::json& event);  // an event of an unknown kind is ignored
  [[nodiscard]] const nlohmann::json& record() const { return record_; }

 private:
  nlohmann::json& trial(int index);
  nlohmann::json record_;
};

// The record of a run folder: run.json if the run ended, else the fold of what its journal holds,
// marked partial. A last line cut short by a crash is left out.
Result<nlohmann::json> load_record(const std::filesystem::path& folder);

// Writes `text` to `path` so that a reader sees the old file or the new one, never a part.
void write_atomically(const std::filesystem::path& path, const std::string& text);

}  // namespace seatrial::run
