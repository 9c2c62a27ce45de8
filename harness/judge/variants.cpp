// Sums of totals and of the audit's counts.
#include "judge/variants.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <string>

#include "client/fact.hpp"
#include "core/registry.hpp"
#include "judge/load_check.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {
namespace {

// Of all plug-ins that count something worth one, in the order of their names.
struct Columns {
  std::vector<Column> of_checkers;  // among the audit's totals
  std::vector<Column> of_facts;     // among a workload's
};

Columns all_columns() {
  Columns out;
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    out.of_checkers.push_back(
        {scenario::metric_of_checker(name), plugin.make(Options{})->column()});
  }
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    out.of_facts.push_back({name, plugin.make(Options{})->column()});
  }
  for (auto* columns : {&out.of_checkers, &out.of_facts}) {
    std::erase_if(*columns, [](const Column& column) { return column.header.empty(); });
  }
  return out;
}

void add_workload(const View& workload, const Columns& columns, Variant& row) {
  for (const View& error : workload["errors"].items())
    row.errors[error["error"].text()] += error["count"].count();
  const View totals = workload["totals"];
  for (const char* key : {"acked", "unknown", "unsent"}) row.counts[key] += totals[key].count();
  for (const Column& column : columns.of_facts) {
    if (totals[column.key]) row.counts[column.key] += totals[column.key].count();
  }
}

// A trial without loss counts for something only if its loads happened, it acked messages, and its
// audit decided on all.
bool could_show_loss(const View& trial) {
  if (!doubts_of_load(trial).empty()) return false;
  if (trial["audit"]["undecided"].size() > 0) return false;
  if (trial["audit"]["failed_checkers"]) return false;
  return std::ranges::any_of(trial["workloads"].items(), [](const View& workload) {
    return workload["totals"]["acked"].count() > 0;
  });
}

void add_audit(const View& trial, Variant& row) {
  if (!trial["audit"]["status"].is("complete")) return;
  const View totals = trial["audit"]["totals"];
  const bool lost = totals["acked_lost"].count() > 0;
  if (verdict_of(trial) != Verdict::invalid && (lost || could_show_loss(trial))) {
    ++row.audited;
    row.with_loss += lost ? 1U : 0U;
  }
  for (const auto& [anomaly, count] : totals.entries()) row.counts[anomaly] += count.count();
}

void add_trial(const View& trial, const Columns& columns, Variant& row) {
  for (const auto& [axis, value] : trial["axes"].entries()) row.axes[axis] = value.text();
  ++row.trials;
  row.verdict = worst(row.verdict, verdict_of(trial));
  row.invalid += verdict_of(trial) == Verdict::invalid ? 1U : 0U;
  for (const View& workload : trial["workloads"].items()) add_workload(workload, columns, row);
  add_audit(trial, row);
}

// Zero seen is not zero. If a share p of such trials lost messages, n trials without loss had the
// probability (1 - p)^n; the p for which that is 5 % bounds the share from above. For large n it is
// about 3 / n (Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", 1983).
double loss_bound(std::uint64_t trials) {
  return 1 - std::pow(0.05, 1 / static_cast<double>(trials));
}

Variant& row_of(std::vector<Variant>& rows, const std::string& name) {
  const auto known = std::ranges::find(rows, name, &Variant::name);
  if (known != rows.end()) return *known;
  rows.push_back({.name = name, .axes = {}});
  return rows.back();
}

bool counted(const std::vector<Variant>& rows, const std::string& key) {
  return std::ranges::any_of(rows, [&](const Variant& row) {
    const auto count = row.counts.find(key);
    return count != row.counts.end() && count->second > 0;
  });
}

}  // namespace

Verdict verdict_of(const View& trial) {
  for (const Verdict v : {Verdict::pass, Verdict::invalid, Verdict::unknown, Verdict::fail}) {
    if (trial["verdict"].is(to_string(v))) return v;
  }
  return Verdict::unknown;
}

Variants sum_variants(const std::vector<View>& trials,
                      const std::vector<MetricQuestion>& questions) {
  const auto columns = all_columns();
  Variants out;
  std::map<std::string, std::vector<View>> of_variant;
  for (const View& trial : trials) {
    const std::string name = trial["variant"].text();
    add_trial(trial, columns, row_of(out.rows, name));
    of_variant[name].push_back(trial);
  }
  for (Variant& row : out.rows) row.asked = answers(questions, of_variant[row.name]);
  for (Variant& row : out.rows) {
    if (row.audited > 0 && row.with_loss == 0) row.loss_bound = loss_bound(row.audited);
  }
  for (const auto* some : {&columns.of_checkers, &columns.of_facts}) {
    std::ranges::copy_if(*some, std::back_inserter(out.columns),
                         [&](const Column& column) { return counted(out.rows, column.key); });
  }
  return out;
}

}  // namespace seatrial::judge
