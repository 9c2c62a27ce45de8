// seatrial list: every plug-in there is, with its options.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

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

namespace seatrial::cli {
namespace {

void list_row(std::string_view name, std::string_view help) {
  std::cout << "  " << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << help
            << "\n";
}

template <class Product>
void list_plugins(const std::string& kind, bool with_options) {
  std::cout << kind << "\n";
  for (const auto& [name, plugin] : Registry<Product>::instance().all()) {
    list_row(name, plugin.help);
    if (!with_options) continue;
    for (const auto& option : plugin.options) {
      std::cout << "      " << option.name << ": "
                << (option.required           ? std::string("required")
                    : option.fallback.empty() ? "optional"
                                              : "default " + option.fallback)
                << ". " << option.help << "\n";
    }
  }
}

class List final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("kind", only_,
                    "clusters, workloads, faults, checkers, operation-checkers, reports, "
                    "broker-logs or metrics");
  }
  [[nodiscard]] std::string example() const override { return "list faults"; }
  int run(const std::string&) override {
    const std::vector<std::string> kinds{
        "clusters",           "workloads", "faults",      "checkers",
        "operation-checkers", "reports",   "broker-logs", "metrics"};
    const std::string& only = only_;
    if (!only.empty() && std::ranges::find(kinds, only) == kinds.end()) {
      throw UsageError("list knows no '" + only + "'" + did_you_mean(only, kinds));
    }
    const auto wanted = [&only](const char* kind) { return only.empty() || only == kind; };
    if (wanted("clusters")) {
      std::cout << "clusters\n";
      for (const auto& kind : ClusterKinds::instance().all()) {
        list_row(kind.name, kind.help);
      }
    }
    if (wanted("workloads")) list_plugins<Workload>("workloads", true);
    if (wanted("faults")) list_plugins<Fault>("faults", true);
    if (wanted("checkers")) list_plugins<Checker>("checkers", false);
    if (wanted("operation-checkers")) {
      list_plugins<operations::OperationChecker>("operation-checkers", true);
    }
    if (wanted("reports")) list_plugins<Report>("reports", false);
    if (wanted("broker-logs")) {
      std::cout << "broker-logs\n";
      for (const auto& kind : judge::broker_log_kinds()) {
        list_row(kind.name, kind.help);
      }
    }
    if (wanted("metrics")) {
      std::cout << "metrics\n";
      for (const auto& metric : scenario::metrics()) {
        list_row(metric.name, metric.help);
      }
    }
    return 0;
  }

 private:
  std::string only_;
};

const auto list_registration = register_verb<List>("list", "print every plug-in with its options");

}  // namespace
}  // namespace seatrial::cli
