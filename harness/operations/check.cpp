// Finds the files, reads and judges each, and puts the results together.
#include "operations/check.hpp"

#include <algorithm>
#include <system_error>

#include "core/units.hpp"
#include "operations/reader.hpp"
#include "operations/render.hpp"

namespace seatrial::operations {
namespace {

namespace fs = std::filesystem;

Result<std::vector<fs::path>> histories_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code failed;
  for (auto entry = fs::recursive_directory_iterator(folder, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("history") && name.ends_with(".jsonl")) out.push_back(entry->path());
  }
  if (failed) return Error{"cannot read " + folder.string() + ": " + failed.message(), {}};
  if (out.empty()) {
    return Error{folder.string() + " holds no history*.jsonl",
                 "name a history of operations, or a run's folder that holds some"};
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<CheckOutcome> check_histories(const CheckRequest& request) {
  std::vector<fs::path> paths{request.path};
  std::error_code ignored;  // what cannot be asked cannot be read either, and reading tells
  const bool several = fs::is_directory(request.path, ignored);
  if (several) {
    auto found = histories_in(request.path);
    if (!found) return found.error();
    paths = std::move(*found);
  }
  CheckOutcome out;
  std::map<std::string, std::vector<std::string>> findings;
  for (const fs::path& path : paths) {
    const auto history = read_history(path);
    if (!history) return history.error();
    const Judgement judgement = judge(*history, request.settings);
    out.validity = std::max(out.validity, judgement.validity);
    if (!request.json) {
      out.text += judgement_text(*history, judgement);
      continue;
    }
    for (const auto& note : judgement.notes) out.asides += history->name + ": " + note + "\n";
    for (const auto& [name, found] : judgement.anomalies) {
      for (const Finding& finding : found.kept()) {
        findings[name].push_back(finding_json(*history, finding, several));
      }
      if (found.count() == found.kept().size()) continue;
      out.asides += history->name + ": " + name + ": " + format_count(found.kept().size()) +
                    " of " + format_count(found.count()) + " are listed; --limit 0 lists all\n";
    }
  }
  if (request.json) out.text = judgement_json(out.validity, findings);
  return out;
}

}  // namespace seatrial::operations
