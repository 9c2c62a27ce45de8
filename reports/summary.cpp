// Picking rows and trials out of a record; figures stay where they are.
#include "reports/summary.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/format.hpp"

namespace seatrial::reports {

namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

View larger(const View& a, const View& b) {
  if (!b.number()) return a;
  return !a.number() || *b.number() > *a.number() ? b : a;
}

// Of the workload and trial with the highest p99 or, where none has that many samples, p50: a row's
// percentiles are all of the same samples.
View slowest_response(const std::vector<View>& trials, std::string_view latency = "latency") {
  View slowest;
  for (const double p : {99.0, 50.0}) {
    View worst;
    for (const auto& trial : trials) {
      for (const auto& workload : trial["workloads"].items()) {
        if (!latency_doubts(trial, workload).empty()) continue;
        const View response = workload[latency]["response"];
        const View value = percentile(response, p)["ns"];
        if (!value.number() || (worst.number() && *worst.number() >= *value.number())) continue;
        worst = value;
        slowest = response;
      }
    }
    if (worst.number()) break;
  }
  return slowest;
}

View worst_gap(const std::vector<View>& trials) {
  View worst;
  for (const auto& trial : trials) {
    for (const auto& partition : trial["availability"].items()) {
      worst = larger(worst, partition["longest_ns"]);
    }
  }
  return worst;
}

// Whether there were latencies to doubt, and all of them are doubtful.
bool all_doubtful(const std::vector<View>& trials) {
  bool any = false;
  for (const auto& trial : trials) {
    for (const auto& workload : trial["workloads"].items()) {
      if (workload["latency"]["response"]["count"].integer().value_or(0) == 0) continue;
      if (latency_doubts(trial, workload).empty()) return false;
      any = true;
    }
  }
  return any;
}

bool any_response(const std::vector<View>& trials) {
  return std::ranges::any_of(trials, [](const View& trial) {
    return std::ranges::any_of(trial["workloads"].items(), [](const View& workload) {
      return workload["latency"]["response"]["count"].integer().value_or(0) > 0;
    });
  });
}

void add_times(VariantRow& row, const std::vector<View>& trials) {
  row.measured = any_response(trials);
  row.latency_known = !all_doubtful(trials);
  const View response = slowest_response(trials);
  row.p50_ns = percentile(response, 50)["ns"];
  row.p99_ns = percentile(response, 99)["ns"];
  row.p999_ns = percentile(response, 99.9)["ns"];
  row.p99_outside_ns = percentile(slowest_response(trials, "latency_outside_faults"), 99)["ns"];
  row.longest_gap_ns = worst_gap(trials);
}

std::string header_of(const View& record, const View& question) {
  static const std::map<std::string_view, std::string_view> usual{
      {"acked_lost", "lost"}, {"duplicate", "dup"}, {"reordered", "reord"}};
  const std::string metric = question["metric"].text();
  if (const auto known = usual.find(metric); known != usual.end())
    return std::string(known->second);
  for (const auto& column : record["columns"].items()) {
    if (!metric.empty() && column["key"].is(metric)) return column["header"].text("?");
  }
  return question["question"].text("?");
}

void add_counts(const View& record, const View& variant, VariantRow& row) {
  for (const auto& question : variant["asked"].items()) {
    row.asked.push_back({header_of(record, question),
                         question["metric"].is("acked_lost") ? "acked messages lost"
                                                             : question["question"].text("?"),
                         question});
  }
  for (const auto& column : record["columns"].items()) {
    const std::string key = column["key"].text();
    if (!asks_for(row, key)) row.counts.push_back({column["header"].text("?"), variant[key]});
  }
}

std::vector<VariantRow> trial_rows(const View& record) {
  std::vector<VariantRow> rows;
  for (const auto& trial : record["trials"].items()) {
    const auto name = trial["variant"].text("trial") + " #" + trial["index"].text("?");
    VariantRow row{.name = name, .verdict = trial["verdict"]};
    const auto audit = trial["audit"]["totals"];
    row.acked_lost = audit["acked_lost"];
    row.duplicate = audit["duplicate"];
    row.reordered = audit["reordered"];
    add_times(row, {trial});
    std::vector<View> producers;
    for (const auto& workload : trial["workloads"].items()) {
      if (is_producer(workload)) producers.push_back(workload);
    }
    if (producers.empty()) rows.push_back(row);
    for (const auto& producer : producers) {
      auto each = row;
      if (producers.size() > 1) each.name += " " + producer["name"].text();
      each.acked = producer["totals"]["acked"];
      each.unknown = producer["totals"]["unknown"];
      each.unsent = producer["totals"]["unsent"];
      rows.push_back(each);
    }
  }
  return rows;
}

}  // namespace

std::vector<VariantRow> variant_rows(const View& record) {
  if (record["variants"].size() == 0) return trial_rows(record);
  std::vector<VariantRow> rows;
  std::map<std::string, std::vector<View>> trials;
  for (auto& variant : trials_by_variant(record)) trials[variant.name] = std::move(variant.trials);
  for (const auto& variant : record["variants"].items()) {
    VariantRow row{.name = variant["variant"].text("?"),
                   .trials = variant["trials"],
                   .acked = variant["acked"],
                   .acked_lost = variant["acked_lost"],
                   .duplicate = variant["duplicate"],
                   .reordered = variant["reordered"],
                   .unknown = variant["unknown"],
                   .unsent = variant["unsent"],
                   .verdict = variant["verdict"],
                   .audited_trials = variant["audited_trials"],
                   .trials_with_loss = variant["trials_with_loss"],
                   .loss_bound = variant["loss_bound"]};
    add_counts(record, variant, row);
    add_times(row, trials[row.name]);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string observed_text(const VariantRow::Asked& asked) {
  std::string text = asked.question["observed"].text("?");
  if (const auto at = text.find(" ("); at != text.npos) text.resize(at);
  return text;
}

bool asks_for(const VariantRow& row, std::string_view metric) {
  return std::ranges::any_of(
      row.asked, [&](const auto& asked) { return asked.question["metric"].is(metric); });
}

bool shows_loss(const std::vector<VariantRow>& rows) {
  return std::ranges::any_of(rows, [](const VariantRow& row) {
    return row.asked.empty() || asks_for(row, "acked_lost") ||
           row.acked_lost.integer().value_or(0) > 0;
  });
}

std::string loss_statement(const VariantRow& row) {
  const auto audited = row.audited_trials.integer().value_or(0);
  const auto with_loss = row.trials_with_loss.integer().value_or(0);
  if (audited == 0 || row.acked.integer().value_or(0) == 0) return "";
  const auto trials = [](std::int64_t n) {
    return std::to_string(n) + (n == 1 ? " trial" : " trials");
  };
  if (with_loss > 0) {
    return "acked messages were lost in " + std::to_string(with_loss) + " of " + trials(audited) +
           ".";
  }
  if (!row.loss_bound.number()) return "";
  const auto percent = std::lround(*row.loss_bound.number() * 100);
  return "no acked message was lost in " + trials(audited) +
         "; that proves (95 %) that fewer than " + std::to_string(percent) +
         " % of such trials lose any" +
         (audited < 20 ? ", and --repeat 20 would prove 14 %." : ".");
}

std::vector<std::string> variant_names(const View& record) {
  std::vector<std::string> names;
  for (const auto* list : {"variants", "trials"}) {
    for (const auto& item : record[list].items()) add_once(names, item["variant"].text("?"));
  }
  return names;
}

std::vector<View> trials_of(const View& record, const std::string& variant) {
  std::vector<View> out;
  for (const auto& trial : record["trials"].items()) {
    if (trial["variant"].text("?") == variant) out.push_back(trial);
  }
  return out;
}

std::string trial_heading(const View& record, const View& trial) {
  const auto variant = trial["variant"].text("?");
  if (trials_of(record, variant).size() < 2) return variant;
  return variant + ", repeat " + trial["repeat"].text("?");
}

std::vector<VariantTrials> trials_by_variant(const View& record) {
  std::vector<VariantTrials> out;
  std::map<std::string, std::size_t> known;
  const auto trials = record["trials"].items();
  for (std::size_t place = 0; place < trials.size(); ++place) {
    const auto name = trials[place]["variant"].text("?");
    const auto [at, added] = known.try_emplace(name, out.size());
    if (added) out.push_back({.name = name, .trials = {}, .places = {}});
    out[at->second].trials.push_back(trials[place]);
    out[at->second].places.push_back(place);
  }
  return out;
}

std::size_t shown_place(const std::vector<View>& trials) {
  const auto finished = std::ranges::find_if(
      trials, [](const View& trial) { return trial["status"].is("finished"); });
  return finished == trials.end() ? 0 : static_cast<std::size_t>(finished - trials.begin());
}

View shown_trial(const View& record, const std::string& variant) {
  const auto trials = trials_of(record, variant);
  return trials.empty() ? View() : trials[shown_place(trials)];
}

View percentile(const View& latency, double p) {
  for (const auto& entry : latency["percentiles"].items()) {
    const auto at = entry["p"].number();
    if (at && std::abs(*at - p) < 1e-9) return entry;
  }
  return {};
}

bool is_producer(const View& workload) {
  return workload["kind"].is("producer") || workload["totals"]["intended"].present() ||
         workload["latency"]["response"].present();
}

bool is_partial(const View& record) { return record["partial"].boolean().value_or(true); }

bool is_evidence(const View& record) {
  return record["cluster"]["evidence_about_kafka"].boolean().value_or(true) &&
         !record["cluster"]["kind"].is("mock");
}

std::vector<std::string> closed_loops(const View& record) {
  std::vector<std::string> names;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      if (workload["loop"].is("closed")) add_once(names, workload["name"].text("?"));
    }
  }
  return names;
}

std::vector<std::string> limited_loads(const View& record) {
  std::vector<std::string> names;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      if (!workload["generator_limited"]) continue;
      add_once(names, trial["variant"].text("?") + ", workload " + workload["name"].text("?"));
    }
  }
  return names;
}

std::vector<std::string> connection_notes(const View& record) {
  std::vector<std::string> out;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto name = workload["name"].text("?");
      const auto why = trial["connection_limited"][name];
      if (why) add_once(out, trial["variant"].text("?") + ", workload " + name + ": " + why.text());
    }
  }
  return out;
}

std::vector<std::string> latency_doubts(const View& trial, const View& workload) {
  std::vector<std::string> doubts;
  for (const auto& doubt : trial["latency_unknown"].items()) doubts.push_back(doubt.text());
  for (const auto* own : {"generator_limited", "falls_behind"}) {
    if (workload[own]) doubts.push_back(workload[own].text());
  }
  const auto totals = workload["totals"];
  if (totals["acked"].integer() == 0 && totals["sent"].integer().value_or(0) == 0) {
    doubts.emplace_back("nothing was acked: these are the messages' ages");
  }
  return doubts;
}

std::vector<std::string> latency_cautions(const View& record) {
  std::vector<std::string> out;
  for (const auto& trial : record["trials"].items()) {
    const std::string variant = trial["variant"].text("?") + ": ";
    for (const auto& doubt : trial["latency_unknown"].items())
      add_once(out, variant + doubt.text());
    for (const auto& workload : trial["workloads"].items()) {
      if (workload["falls_behind"]) {
        add_once(out, variant + "workload '" + workload["name"].text("?") +
                          "': " + workload["falls_behind"].text());
      }
    }
  }
  return out;
}

std::string warmup_text(const View& trial) {
  const View warmup = trial["warmup"];
  if (!warmup["lasted_ns"]) return "";
  const bool steady = warmup["steady"].boolean().value_or(false);
  std::string out =
      duration_text(warmup["lasted_ns"], "?") + (steady ? ", until steady" : ", not steady");
  for (const auto& waited : warmup["waited_for"].items()) {
    out += "; waited " + waited["seconds"].text("?") + " s for " + waited["workload"].text("?") +
           ", at last because " + waited["last"].text("?");
  }
  return out;
}

}  // namespace seatrial::reports
