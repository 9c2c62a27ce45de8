// The reference in scenarios/README.md is what the readers' tables say. SEATRIAL_ACCEPT=1 writes it
// anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/workload.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"
#include "scenario/expectation.hpp"
#include "scenario/tables.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

namespace seatrial::scenario {
namespace {

constexpr std::string_view begins = "<!-- reference begins -->\n", ends = "<!-- reference ends -->";

// A bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string choices_of(const OptionSpec& key) {
  std::string out;
  for (const auto& choice : key.choices) out += (out.empty() ? " (" : ", ") + choice;
  return out.empty() ? out : out + ")";
}

std::string table(const std::string& title, const std::string& help,
                  const std::vector<OptionSpec>& keys) {
  std::string out = "\n### " + title + "\n\n" + (help.empty() ? "" : help + ".\n\n");
  if (keys.empty()) return out;
  out += "| key | default | what it is |\n|---|---|---|\n";
  for (const auto& key : keys) {
    out += "| `" + key.name + "` | " + (key.required ? "required" : cell(key.fallback)) + " | " +
           cell(key.help + choices_of(key)) + " |\n";
  }
  return out;
}

std::string reference() {
  std::string out = "\n| key | what it is |\n|---|---|\n";
  for (const auto& key : top_keys()) {
    out += "| `" + std::string(key.name) + "` | " + cell(std::string(key.help)) + " |\n";
  }
  out += table("`cluster:`", "", cluster_keys()) + table("A topic", "", topic_keys()) +
         table("Any workload", "", workload_keys());
  for (const auto& [name, plugin] : Registry<Workload>::instance().all()) {
    if (name.starts_with("test-")) continue;  // of other tests in this program
    out += table("`kind: " + name + "`", plugin.help, plugin.options);
  }
  out += table("`phases:`", "", phase_keys()) + table("Bounds of `warmup:`", "", warmup_keys()) +
         table("Any fault", "", timeline_keys());
  for (const auto& [name, plugin] : Registry<Fault>::instance().all()) {
    if (name.starts_with("test-")) continue;  // of other tests in this program
    out += table("`fault: " + name + "`", plugin.help, plugin.options);
  }
  out += table("An expectation", "", expect_keys()) +
         table("`gate:`",
               "Beside `baseline` and `candidate` (maps of settings, as `--set` takes them) and "
               "`metrics` (a list)",
               gate_keys()) +
         table("A gated metric", "Either a metric alone, or a map", gated_metric_keys()) +
         "\n### Metrics\n\n| metric | what it is |\n|---|---|\n";
  for (const auto& metric : metrics()) {
    if (metric.name.starts_with("test_")) continue;  // of other tests in this program
    out += "| `" + metric.name + "` | " + cell(metric.help) + " |\n";
  }
  return out + "\n";
}

TEST_CASE("the reference of scenarios is made from the tables that read them") {
  const auto path = std::filesystem::path(SEATRIAL_ROOT) / "scenarios/README.md";
  const std::string text = test::read_whole(path);
  const auto from = text.find(begins), to = text.find(ends);
  REQUIRE(from != text.npos);
  REQUIRE(to != text.npos);
  const auto start = from + begins.size();
  if (std::getenv("SEATRIAL_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary)
        << text.substr(0, start) << reference() << text.substr(to);
    return;
  }
  INFO("SEATRIAL_ACCEPT=1 in the environment writes it anew");
  CHECK(text.substr(start, to - start) == reference());
}

}  // namespace
}  // namespace seatrial::scenario
