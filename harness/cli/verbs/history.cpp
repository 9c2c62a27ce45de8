// seatrial history: at which of many runs a metric changed, in the terminal and on a page.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/verb.hpp"
#include "compare/history.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/json_text.hpp"
#include "core/save_file.hpp"
#include "core/terminal.hpp"
#include "record/run_record.hpp"
#include "reports/history.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

bool holds_run(const fs::path& folder) {
  std::error_code ignored;  // what cannot be looked at is told of as no run
  return fs::exists(folder / "run.json", ignored) || fs::exists(folder / "journal.jsonl", ignored);
}

// Links are left alone: results/latest is a run that is there anyway.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

// What lies within a run is its own.
void find_runs(const fs::path& folder, std::vector<fs::path>& out) {
  for (const auto& below : folders_in(folder)) {
    if (holds_run(below)) out.push_back(below);
    else find_runs(below, out);
  }
}

struct Skipped {
  std::string folder, why;
};

// What is not taken is skipped and told of.
compare::History read_runs(const fs::path& folder, std::vector<Skipped>& skipped) {
  compare::History history;
  const auto skip = [&](const fs::path& path, const std::string& why) {
    skipped.push_back({path.string(), why});
  };
  for (const auto& below : folders_in(folder)) {
    std::vector<fs::path> runs;
    if (holds_run(below)) runs.push_back(below);
    else find_runs(below, runs);
    if (runs.empty()) skip(below, "holds no run");
    for (const auto& path : runs) {
      const auto loaded = record::load_record(path);
      if (!loaded) {
        skip(path, loaded.error().message);
        continue;
      }
      if (!loaded->aside.empty()) std::cerr << "seatrial: " << loaded->aside << "\n";
      if (const auto why = history.add(path.string(), loaded->record.view())) skip(path, *why);
    }
  }
  return history;
}

void tell(const std::vector<Skipped>& skipped) {
  if (skipped.empty()) return;
  constexpr std::size_t most = 10;
  std::cerr << "seatrial: " << counted(skipped.size(), "folder") << " skipped\n";
  for (std::size_t i = 0; i < std::min(most, skipped.size()); ++i)
    std::cerr << "  " << skipped[i].folder << ": " << skipped[i].why << "\n";
  if (skipped.size() > most) std::cerr << "  and " << skipped.size() - most << " more\n";
}

void require_runs(const fs::path& folder) {
  std::error_code ignored;  // says that it is none
  if (!fs::is_directory(folder, ignored)) {
    throw UsageError(folder.string() +
                     " is no folder; name one that holds the folders of runs, as results does");
  }
  if (holds_run(folder)) {
    throw UsageError(folder.string() +
                     " is one run, and a history is of many; name the folder that holds them");
  }
}

// As most series may be long enough where one is, that one decides.
void require_long_series(const nlohmann::json& history) {
  std::size_t longest = 0;
  for (const auto& series : history.at("series"))
    longest = std::max(longest, series.at("points").size());
  if (longest >= compare::least_runs) return;
  const auto contexts = history.at("contexts").size();
  throw UsageError(
      "the longest series has " + counted(longest, "run") + ", and a change shows from " +
      std::to_string(compare::least_runs) +
      " on: repeat the scenario, or name a folder with more runs of it" +
      (contexts > 1 ? "; runs of " + std::to_string(contexts) +
                          " machines, kernels, builds or kinds of cluster are series of their own"
                    : ""));
}

class HistoryVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("folder", folder_, "what holds the runs' folders, at any depth")
        ->capture_default_str();
    line.add_option("--out", page_, "where the page goes")->capture_default_str();
    line.add_option("--format", format_, "text (and the page) or json")
        ->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override { return "history results"; }
  int run(const std::string&) override {
    require_runs(folder_);
    std::vector<Skipped> skipped;
    const auto read = read_runs(folder_, skipped);
    tell(skipped);
    if (read.runs() == 0) {
      throw UsageError("no run was found below " + folder_.string() +
                       "; name a folder that holds the folders of runs, as results does");
    }
    const auto history = read.describe();
    require_long_series(history);
    if (format_ == "json") {
      std::cout << json_text(history, 2) << "\n";
      return 0;
    }
    const Terminal terminal = standard_terminal();
    std::cout << reports::history_text(View(history),
                                       {.colour = terminal.colour, .width = terminal.width})
              << std::flush;
    if (const auto problem = save_file(page_, reports::history_page(View(history)))) {
      std::cerr << "seatrial: " << *problem << "; --out FILE writes the page elsewhere\n";
      return 4;
    }
    std::cout << "page: " << page_.string() << "\n";
    return 0;
  }

 private:
  fs::path folder_ = "results";
  fs::path page_ = "history.html";
  std::string format_ = "text";
};

const auto history_registration =
    register_verb<HistoryVerb>("history", "show at which of many runs a metric changed");

}  // namespace
}  // namespace seatrial::cli
