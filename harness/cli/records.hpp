// A run's record, read for a verb, and shown by a report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "record/report.hpp"
#include "record/run_record.hpp"

namespace seatrial::cli {

// A run's folder, also where one of its files was named.
[[nodiscard]] std::filesystem::path run_folder(const std::filesystem::path& named);

// From a run's folder; what was wrong with it on the way goes to standard error. Throws UsageError
// if there is none.
[[nodiscard]] record::RunRecord load_record(const std::filesystem::path& folder);

// By a report of the registry, as standard output's terminal wants it.
[[nodiscard]] std::string render(const std::string& report, const record::RunRecord& record);

// How a report of the registry comes to its reader.
[[nodiscard]] Delivery delivery_of(const std::string& report);

// The names of those that a run ends with; what is printed stands before what is written.
[[nodiscard]] std::vector<std::string> usual_reports();

// Writes one. What went wrong, or nothing.
[[nodiscard]] std::optional<std::string> save_report(const std::string& report,
                                                     const record::RunRecord& record,
                                                     const std::filesystem::path& file);

}  // namespace seatrial::cli
