// A run's record, read for a verb, and shown by a report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "record/run_record.hpp"

namespace seatrial::cli {

// A run's folder, also where one of its files was named.
[[nodiscard]] std::filesystem::path run_folder(const std::filesystem::path& named);

// From a run's folder; what was wrong with it on the way goes to standard error. Throws UsageError
// if there is none.
[[nodiscard]] record::RunRecord load_record(const std::filesystem::path& folder);

// By a report of the registry, as standard output's terminal wants it.
[[nodiscard]] std::string render(const std::string& report, const record::RunRecord& record);

// The name of the report's file in a run's folder; empty for one that is printed.
[[nodiscard]] std::string file_of(const std::string& report);
[[nodiscard]] std::string page_name();

// Writes the page. What went wrong, or nothing.
[[nodiscard]] std::optional<std::string> save_page(const record::RunRecord& record,
                                                   const std::filesystem::path& page);

}  // namespace seatrial::cli
