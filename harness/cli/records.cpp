// Reading is the record's business, rendering the reports'.
#include "cli/records.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "cli/errors.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "core/save_file.hpp"
#include "core/terminal.hpp"

namespace seatrial::cli {

namespace fs = std::filesystem;

namespace {

std::unique_ptr<Report> make_report(const std::string& name) {
  const auto* plugin = Registry<Report>::instance().find(name);
  check(plugin != nullptr, "the report is registered");
  const Terminal terminal = standard_terminal();
  const std::map<std::string, std::string> style{{"colour", terminal.colour ? "true" : "false"},
                                                 {"width", std::to_string(terminal.width)}};
  std::map<std::string, RawOption> options;
  for (const auto& option : plugin->options) {
    const auto known = style.find(option.name);
    if (known != style.end()) options[option.name] = {.text = known->second};
  }
  std::vector<OptionProblem> problems;
  return plugin->make(Options::check(plugin->options, options, problems));
}

}  // namespace

fs::path run_folder(const fs::path& named) {
  std::error_code ignored;  // what is not there is reported by who reads it
  return fs::is_regular_file(named, ignored) ? named.parent_path() / "." : named;
}

std::string render(const std::string& report, const record::RunRecord& record) {
  return make_report(report)->render(record);
}

Delivery delivery_of(const std::string& report) { return make_report(report)->delivery(); }

std::vector<std::string> usual_reports() {
  std::vector<std::string> out = Registry<Report>::instance().names();
  std::erase_if(out, [](const std::string& name) { return !delivery_of(name).usual; });
  std::ranges::stable_partition(
      out, [](const std::string& name) { return delivery_of(name).file.empty(); });
  return out;
}

std::optional<std::string> save_report(const std::string& report, const record::RunRecord& record,
                                       const fs::path& file) {
  return save_file(file, render(report, record));
}

record::RunRecord load_record(const fs::path& folder) {
  auto loaded = record::load_record(folder);
  if (!loaded) throw UsageError(with_hint(loaded.error()));
  if (!loaded->aside.empty()) std::cerr << "seatrial: " << loaded->aside << "\n";
  return std::move(loaded->record);
}

}  // namespace seatrial::cli
