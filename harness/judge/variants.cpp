// Sums of totals and of the audit's counts.
#include "judge/variants.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "client/fact.hpp"
#include "core/registry.hpp"
#include "judge/load_check.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

// A count that plug-ins make worth a column, by its key in the record.
struct Column {
  std::string key, header;
  bool of_facts;  // they stand among a workload's totals; checkers' counts in the audit's
};

// Of all plug-ins that count something worth one, in the order of their names.
std::vector<Column> all_columns() {
  std::vector<Column> out;
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    out.push_back({scenario::metric_of_checker(name), plugin.make(Options{})->column(), false});
  }
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    out.push_back({name, plugin.make(Options{})->column(), true});
  }
  std::erase_if(out, [](const Column& column) { return column.header.empty(); });
  return out;
}

struct Row {
  std::string variant;
  View axes;
  std::uint64_t trials = 0, invalid = 0, audited = 0, with_loss = 0;
  Verdict verdict = Verdict::pass;
  std::map<std::string, std::uint64_t> counts{{"acked", 0}, {"unknown", 0}, {"unsent", 0}};
  std::map<std::string, std::uint64_t> errors;
};

void add_workload(const View& workload, const std::vector<Column>& columns, Row& row) {
  for (const View& error : workload["errors"].items())
    row.errors[error["error"].text()] += error["count"].count();
  const View totals = workload["totals"];
  for (const char* key : {"acked", "unknown", "unsent"}) row.counts[key] += totals[key].count();
  for (const Column& column : columns) {
    if (column.of_facts && totals[column.key]) row.counts[column.key] += totals[column.key].count();
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

void add_audit(const View& trial, Row& row) {
  if (!trial["audit"]["status"].is("complete")) return;
  const View totals = trial["audit"]["totals"];
  const bool lost = totals["acked_lost"].count() > 0;
  if (verdict_of(trial) != Verdict::invalid && (lost || could_show_loss(trial))) {
    ++row.audited;
    row.with_loss += lost ? 1U : 0U;
  }
  for (const auto& [anomaly, count] : totals.entries()) row.counts[anomaly] += count.count();
}

void add_trial(const View& trial, const std::vector<Column>& columns, Row& row) {
  row.axes = trial["axes"];
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

json to_json(const Row& row) {
  json out(row.counts);
  out["variant"] = row.variant;
  out["axes"] = json::object();
  for (const auto& [axis, value] : row.axes.entries()) out["axes"][axis] = value.text();
  out["trials"] = row.trials;
  out["invalid_trials"] = row.invalid;
  out["audited_trials"] = row.audited;
  out["trials_with_loss"] = row.with_loss;
  out["verdict"] = to_string(row.verdict);
  if (!row.errors.empty()) out["errors"] = row.errors;
  if (row.audited > 0 && row.with_loss == 0) out["loss_bound"] = loss_bound(row.audited);
  return out;
}

Row& row_of(std::vector<Row>& rows, const std::string& variant) {
  const auto known = std::ranges::find(rows, variant, &Row::variant);
  if (known != rows.end()) return *known;
  rows.push_back({.variant = variant, .axes = {}});
  return rows.back();
}

bool counted(const std::vector<Row>& rows, const std::string& key) {
  return std::ranges::any_of(rows, [&](const Row& row) {
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

Variants sum_variants(const std::vector<View>& trials) {
  const auto columns = all_columns();
  std::vector<Row> rows;
  for (const View& trial : trials) add_trial(trial, columns, row_of(rows, trial["variant"].text()));
  Variants out{.rows = json::array(), .columns = json::array()};
  for (const Row& row : rows) out.rows.push_back(to_json(row));
  for (const Column& column : columns) {
    if (counted(rows, column.key))
      out.columns.push_back({{"key", column.key}, {"header", column.header}});
  }
  return out;
}

}  // namespace seatrial::judge
