// seatrial compare: any runs side by side, in the terminal and on a page.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/records.hpp"
#include "cli/verb.hpp"
#include "compare/compare.hpp"
#include "core/check.hpp"
#include "core/json_text.hpp"
#include "core/save_file.hpp"
#include "core/terminal.hpp"
#include "reports/compare.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

class Compare final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("runs", runs_, "their folders; the others are compared with the first")
        ->required();
    line.add_option("--out", page_, "where the page goes")->capture_default_str();
    line.add_option("--format", format_, "text (and the page) or json")
        ->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override {
    return "compare results/RUN results/latest";
  }
  int run(const std::string&) override {
    constexpr std::size_t most = 26;  // letters that name them
    if (runs_.size() < 2 || runs_.size() > most)
      throw UsageError("compare takes 2 to 26 runs, and " + std::to_string(runs_.size()) +
                       " were named");
    std::vector<record::RunRecord> records;
    for (const auto& named : runs_) records.push_back(load_record(run_folder(named)));
    std::vector<compare::Named> named;
    for (std::size_t i = 0; i < records.size(); ++i)
      named.push_back({runs_[i].string(), records[i].view()});
    const auto comparison = compare::compare(named);
    if (format_ == "json") {
      std::cout << json_text(comparison, 2) << "\n";
      return 0;
    }
    const Terminal terminal = standard_terminal();
    std::cout << reports::compare_text(View(comparison),
                                       {.colour = terminal.colour, .width = terminal.width})
              << std::flush;
    if (const auto problem = save_file(page_, reports::compare_page(View(comparison)))) {
      std::cerr << "seatrial: " << *problem << "; --out FILE writes the page elsewhere\n";
      return 4;
    }
    std::cout << "page: " << page_.string() << "\n";
    return 0;
  }

 private:
  std::vector<fs::path> runs_;
  fs::path page_ = "compare.html";
  std::string format_ = "text";
};

const auto compare_registration =
    register_verb<Compare>("compare", "show any runs side by side, without a verdict");

}  // namespace
}  // namespace seatrial::cli
