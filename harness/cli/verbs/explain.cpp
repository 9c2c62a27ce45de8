// seatrial explain: what a name means that a verdict, a page or a scenario used.
#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>
#include <vector>

#include "cli/verb.hpp"
#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/checker.hpp"
#include "core/cluster.hpp"
#include "core/fault.hpp"
#include "core/suggest.hpp"
#include "judge/broker_logs.hpp"
#include "operations/checker.hpp"
#include "record/report.hpp"
#include "scenario/expectation.hpp"
#include "scenario/tables.hpp"

namespace seatrial::cli {
namespace {

// All that has a name, looked through for one.
class Glossary {
 public:
  explicit Glossary(std::string wanted) : wanted_(std::move(wanted)) {}

  void entry(const std::string& name, const std::string& text, const std::string& where = "") {
    names_.push_back(name);
    if (name == wanted_) found_.push_back(name + where + ": " + text);
  }
  template <class Product>
  void plugins() {
    for (const auto& [name, plugin] : Registry<Product>::instance().all()) entry(name, plugin.help);
  }
  template <class Product>
  void definitions(const std::string& where) {
    for (const auto& [name, plugin] : Registry<Product>::instance().all()) {
      std::vector<OptionProblem> problems;  // none: every option has a default
      entry(name, plugin.make(Options::check(plugin.options, {}, problems))->definition(), where);
    }
  }
  [[nodiscard]] const std::vector<std::string>& found() const { return found_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::string wanted_;
  std::vector<std::string> names_, found_;
};

void look_up(Glossary& glossary) {
  // One name may be an anomaly of both: in what a trial recorded, and in operations.
  glossary.definitions<Checker>("");
  glossary.definitions<operations::OperationChecker>(" (seatrial check)");
  for (const auto& metric : scenario::metrics()) {
    // What a checker counts has been defined, by its own name.
    if (metric.origin == scenario::MetricSpec::Origin::checker &&
        metric.name.find('_') == metric.name.npos)
      continue;
    glossary.entry(metric.name, metric.help);
  }
  for (const std::string_view function : scenario::latency_functions()) {
    glossary.entry(std::string(function),
                   "of a latency, as in '" + std::string(function) +
                       "(response) < 50ms': over all messages intended within measure");
  }
  for (const auto& key : scenario::expect_keys())
    glossary.entry(key.name, key.help, " (of expect:)");
  for (const auto& kind : ClusterKinds::instance().all()) {
    glossary.entry(kind.name, kind.help, " (of cluster.kind:)");
  }
  for (const auto& kind : judge::broker_log_kinds()) {
    glossary.entry(kind.name, kind.help, " (of a broker's log)");
  }
  glossary.plugins<Fault>();
  glossary.plugins<Workload>();
  glossary.plugins<Report>();
}

class Explain final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("name", name_, "what to explain")->required();
  }
  [[nodiscard]] std::string example() const override { return "explain acked-lost"; }
  int run(const std::string&) override {
    Glossary glossary(name_);
    look_up(glossary);
    if (glossary.found().empty()) {
      throw UsageError("nothing is named '" + name_ + "'" + did_you_mean(name_, glossary.names()));
    }
    for (const auto& text : glossary.found()) std::cout << text << "\n";
    return 0;
  }

 private:
  std::string name_;
};

const auto explain_registration =
    register_verb<Explain>("explain", "define an anomaly, a metric or a plug-in");

}  // namespace
}  // namespace seatrial::cli
