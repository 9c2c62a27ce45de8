// seatrial report: prints a run again, and renders its page.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/records.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/save_file.hpp"
#include "record/report.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

// What a run left is not to be written over by a page of it.
void require_no_part_of_run(const fs::path& page, const fs::path& run) {
  std::error_code ignored;  // what is not there is nothing to lose
  const auto folder = page.has_parent_path() ? page.parent_path() : fs::path(".");
  if (page.extension() == ".html" || !fs::exists(page, ignored) ||
      !fs::equivalent(folder, run, ignored))
    return;
  throw UsageError("--out " + page.string() +
                   " is a file of the run itself; name another one, as in page.html");
}

class ReportVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("run", run_, "the run's folder")->capture_default_str();
    line.add_option("--out", page_,
                    "where the page goes instead of the run's folder: a run of somebody else's");
    line.add_option("--trial", trial_,
                    "a page of this trial alone, from 1, in trials/N.html of the run's folder");
    line.add_option("--format", format_, "text (and the page), html (the page alone) or json")
        ->check(CLI::IsMember(Registry<Report>::instance().names()));
  }
  [[nodiscard]] std::string example() const override { return "report results/latest"; }
  int run(const std::string&) override {
    const fs::path folder = run_folder(run_);
    record::RunRecord record = load_record(folder);
    fs::path page = folder / page_name();
    if (trial_ != 0) {
      const std::size_t all = record["trials"].size();
      if (trial_ < 0 || static_cast<std::size_t>(trial_) > all) {
        throw UsageError("there is no trial " + std::to_string(trial_) + ": the run has " +
                         counted(all, "trial"));
      }
      record = record.of_trial(static_cast<std::size_t>(trial_ - 1));
      page = folder / "trials" / (std::to_string(trial_) + ".html");
    }
    if (file_of(format_).empty()) std::cout << render(format_, record) << std::flush;
    if (format_ == "json" && page_.empty()) return 0;
    return write_page(folder, page, record);
  }

 private:
  [[nodiscard]] int write_page(const fs::path& folder, const fs::path& usual,
                               const record::RunRecord& record) const {
    const bool asked = !page_.empty();
    if (asked) require_no_part_of_run(page_, folder);
    std::error_code said_by_saving;
    if (!asked) fs::create_directories(usual.parent_path(), said_by_saving);
    const auto problem = save_page(record, asked ? page_ : usual);
    if (!problem) {
      if (format_ != "json") {
        std::cout << "page: " << (asked ? page_ : usual).string() << "\n";
      }
      return 0;
    }
    // Whoever reads another's run has what there is to read.
    const bool may_read_only = !asked && format_ != "html" && ::access(folder.c_str(), W_OK) != 0;
    std::cerr << "seatrial: " << *problem << "; --out FILE writes the page elsewhere\n";
    return may_read_only ? 0 : 4;
  }

  fs::path run_ = "results/latest";
  fs::path page_;
  int trial_ = 0;  // 0: the whole run
  std::string format_ = "text";
};

const auto report_registration =
    register_verb<ReportVerb>("report", "render a run again, also one that was killed");

}  // namespace
}  // namespace seatrial::cli
