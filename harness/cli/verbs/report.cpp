// seatrial report: prints a run again and renders its page, or makes one report of it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/records.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "record/report.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

// What a run left, or reads itself by, is not to be written over by a report of it.
void require_no_part_of_run(const fs::path& out, const fs::path& run) {
  const auto folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
  const auto kind = out.extension();
  const bool own = out.filename() == "run.json" || kind == ".jsonl" || kind == ".hlog";
  std::error_code ignored;  // what is not there is nothing to lose
  if (!own || !fs::equivalent(folder, run, ignored)) return;
  throw UsageError("--out " + out.string() +
                   " is a file of the run itself; name another one, as in page.html");
}

std::string format_help() {
  std::string out = "make this alone; without it the run is printed and its page written:";
  for (const auto& [name, plugin] : Registry<Report>::instance().all())
    out += "\n" + name + ": " + plugin.help;
  return out;
}

class ReportVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("run", run_, "the run's folder")->capture_default_str();
    line.add_option("--out", out_,
                    "the file to write: the page or, with --format, what that makes");
    line.add_option("--trial", trial_,
                    "of this trial alone, from 1; its page is trials/N.html of the run's folder");
    line.add_option("--format", format_, format_help())
        ->check(CLI::IsMember(Registry<Report>::instance().names()));
  }
  [[nodiscard]] std::string example() const override {
    return "report results/latest --format junit --out junit.xml";
  }
  int run(const std::string&) override {
    folder_ = run_folder(run_);
    const record::RunRecord record = record_to_show();
    if (!out_.empty()) require_no_part_of_run(out_, folder_);
    if (!format_.empty()) return make(format_, record, out_);
    int code = 0;
    for (const auto& report : usual_reports()) {
      const bool printed = delivery_of(report).file.empty();
      code = std::max(code, make(report, record, printed ? fs::path() : out_));
    }
    return code;
  }

 private:
  [[nodiscard]] record::RunRecord record_to_show() const {
    record::RunRecord whole = load_record(folder_);
    if (trial_ == 0) return whole;
    const std::size_t all = whole["trials"].size();
    if (trial_ < 0 || static_cast<std::size_t>(trial_) > all) {
      throw UsageError("there is no trial " + std::to_string(trial_) + ": the run has " +
                       counted(all, "trial"));
    }
    return whole.of_trial(static_cast<std::size_t>(trial_ - 1));
  }

  // Where a report goes that is a file, and for which none was named.
  [[nodiscard]] fs::path usual_place(const std::string& file) const {
    if (trial_ == 0) return folder_ / file;
    fs::path place = folder_ / "trials" / std::to_string(trial_);
    place += fs::path(file).extension();
    std::error_code said_by_saving;
    fs::create_directories(place.parent_path(), said_by_saving);
    return place;
  }

  // Prints the report, or writes it; `out`: the file that was asked for, if any.
  [[nodiscard]] int make(const std::string& report, const record::RunRecord& record,
                         const fs::path& out) const {
    const Delivery delivery = delivery_of(report);
    if (out.empty() && delivery.file.empty()) {
      std::cout << render(report, record) << std::flush;
      return 0;
    }
    const fs::path place = out.empty() ? usual_place(delivery.file) : out;
    if (const auto problem = save_report(report, record, place)) {
      std::cerr << "seatrial: " << *problem << "; --out FILE writes it elsewhere\n";
      // Whoever reads another's run has what there is to read.
      const bool may_read_only =
          out.empty() && format_.empty() && ::access(folder_.c_str(), W_OK) != 0;
      return may_read_only ? 0 : 4;
    }
    if (!delivery.title.empty()) std::cout << delivery.title << ": " << place.string() << "\n";
    return 0;
  }

  fs::path run_ = "results/latest";
  fs::path out_;
  int trial_ = 0;  // 0: the whole run
  std::string format_;
  fs::path folder_;
};

const auto report_registration =
    register_verb<ReportVerb>("report", "render a run again, also one that was killed");

}  // namespace
}  // namespace seatrial::cli
