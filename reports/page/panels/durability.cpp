// What became of the messages, per variant and per trial, with the messages that prove each
// finding.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

std::string lost_cell(const View& lost) {
  const auto n = lost.integer();
  return n && *n > 0 ? "<strong class=\"bad\">" + count(lost) + "</strong>" : count(lost);
}

std::string variants_html(const View& record) {
  const auto rows = variant_rows(record);
  std::vector<Table::Head> heads{{"Variant"},
                                 {"Trials", Align::right},
                                 {"Acked", Align::right},
                                 {"Acked, lost", Align::right},
                                 {"Duplicate", Align::right},
                                 {"Reordered", Align::right},
                                 {"Unknown", Align::right},
                                 {"Unsent", Align::right}};
  if (!rows.empty()) {
    for (const auto& counted : rows.front().counts) {
      heads.push_back({escape(counted.header), Align::right});
    }
  }
  heads.push_back({"Verdict"});
  Table table(std::move(heads));
  for (const auto& row : rows) {
    std::vector<std::string> cells{
        escape(row.name),     count(row.trials),    count(row.acked),   lost_cell(row.acked_lost),
        count(row.duplicate), count(row.reordered), count(row.unknown), count(row.unsent)};
    for (const auto& counted : row.counts) cells.push_back(count(counted.value));
    cells.push_back(pill(row.verdict));
    table.row(cells);
  }
  if (table.empty()) return "<p>Variants: " + absent() + ".</p>\n";
  std::string said;
  for (const auto& row : rows) {
    const auto statement = loss_statement(row);
    if (!statement.empty()) said += "<p>" + escape(row.name) + ": " + escape(statement) + "</p>\n";
  }
  return table.html("Messages by outcome, per variant") + said;
}

std::string reported_html(const View& record) {
  Table table({{"Trial"},
               {"Workload"},
               {"Intended", Align::right},
               {"Sent, no answer asked", Align::right},
               {"Acked", Align::right},
               {"Failed", Align::right},
               {"Unknown", Align::right},
               {"Unsent", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto totals = workload["totals"];
      if (!is_producer(workload)) continue;
      table.row({text(trial["variant"]), text(workload["name"]), count(totals["intended"]),
                 count(totals["sent"]), count(totals["acked"]), count(totals["failed"]),
                 count(totals["unknown"]), count(totals["unsent"])});
    }
  }
  if (table.empty()) return "<p>Producers' totals: " + absent() + ".</p>\n";
  return "<h4>What producers were answered</h4>\n" + table.html("Producers' totals per trial");
}

std::string transactions_html(const View& record) {
  Table table({{"Trial"},
               {"Workload"},
               {"Committed", Align::right},
               {"Aborted", Align::right},
               {"Unknown", Align::right},
               {"Commits refused, fenced", Align::right},
               {"Asked by zombies", Align::right},
               {"Of these refused", Align::right},
               {"Refused with"}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto totals = workload["totals"];
      if (!totals["transactions_committed"]) continue;
      std::string errors;
      for (const auto& [name, times] : workload["commit_refusals"].entries())
        errors += (errors.empty() ? "" : ", ") + escape(name) + " " + count(times);
      table.row({text(trial["variant"]), text(workload["name"]),
                 count(totals["transactions_committed"]), count(totals["transactions_aborted"]),
                 count(totals["transactions_unknown"]), count(totals["transactions_fenced"]),
                 count(totals["zombie_commits"]), count(totals["zombie_commits_refused"]),
                 errors.empty() ? "none" : errors});
    }
  }
  if (table.empty()) return "";
  return "<h4>What became of transactions</h4>\n" + table.html("Transactions per trial");
}

std::string deleted_html(const View& record) {
  Table table({{"Trial"},
               {"Workload"},
               {"Deleted before it was read", Align::right},
               {"Skipped while the log held it", Align::right},
               {"Errors for a position that was gone", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto totals = workload["totals"];
      const bool any = totals["deleted_unread"].integer().value_or(0) > 0 ||
                       totals["skipped_readable"].integer().value_or(0) > 0 ||
                       totals["reset_errors"].integer().value_or(0) > 0;
      if (!any) continue;
      table.row({text(trial["variant"]), text(workload["name"]), count(totals["deleted_unread"]),
                 count(totals["skipped_readable"]), count(totals["reset_errors"])});
    }
  }
  if (table.empty()) return "";
  return "<h4>What consumers missed by retention</h4>\n" +
         table.html("Messages and offsets that groups missed");
}

// What the audit could not look at, since it did not read the log by wire.
std::string not_checked(const View& trial) {
  std::string checks;
  for (const auto& check : trial["audit"]["not_checked"].items()) {
    checks += (checks.empty() ? "" : "; ") + text(check);
  }
  if (checks.empty()) return {};
  return "<p>Audit of " + text(trial["variant"]) + " read through " +
         text(trial["audit"]["reader"]) + " (" + text(trial["audit"]["reader_reason"]) +
         "), so not checked: " + checks + ".</p>\n";
}

// What has a column of its own in the table of audits.
constexpr std::array<std::string_view, 8> columns{
    "acked_lost",         "duplicate", "reordered", "unacked_present",
    "failed_but_present", "sent_lost", "phantom",   "corrupt"};

// Whatever else the checkers of the run found.
std::string further_html(const View& record) {
  Table table({{"Trial"}, {"Anomaly"}, {"Count", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    for (auto& [name, total] : trial["audit"]["totals"].entries()) {
      const bool shown = std::find(columns.begin(), columns.end(), name) != columns.end();
      if (shown || total.integer().value_or(0) == 0) continue;
      std::replace(name.begin(), name.end(), '_', '-');
      table.row({text(trial["variant"]), escape(name), count(total)});
    }
  }
  return table.empty() ? "" : table.html("Further anomalies, where any was found");
}

std::string found_html(const View& record) {
  Table table({{"Trial"},
               {"Audit"},
               {"Reader"},
               {"Read", Align::right},
               {"Acked, lost", Align::right},
               {"Duplicate", Align::right},
               {"Reordered", Align::right},
               {"Unknown, present", Align::right},
               {"Failed, present", Align::right},
               {"Sent, lost", Align::right},
               {"Phantom", Align::right},
               {"Corrupt", Align::right}});
  std::string reasons;
  for (const auto& trial : record["trials"].items()) {
    const auto audit = trial["audit"];
    const auto totals = audit["totals"];
    table.row({text(trial["variant"]), pill(audit["status"]), text(audit["reader"]),
               count(audit["messages_read"]), lost_cell(totals["acked_lost"]),
               count(totals["duplicate"]), count(totals["reordered"]),
               count(totals["unacked_present"]), count(totals["failed_but_present"]),
               count(totals["sent_lost"]), count(totals["phantom"]), count(totals["corrupt"])});
    reasons += not_checked(trial);
    if (audit["reason"] && !audit["reason"].is("")) {
      reasons += "<p>Audit of " + text(trial["variant"]) + ": " + text(audit["reason"]) + "</p>\n";
    }
  }
  if (table.empty()) return "<p>Audits: " + absent() + ".</p>\n";
  return "<h4>What a fresh client found in the log</h4>\n" + table.html("Audit totals per trial") +
         further_html(record) + reasons;
}

std::string examples_html(const View& finding) {
  Table table(
      {{"Stream", Align::right}, {"Sequence", Align::right}, {"Offset", Align::right}, {"Note"}});
  for (const auto& example : finding["examples"].items()) {
    table.row({number(example["stream"]), number(example["seq"]),
               example["offset"].integer() == -1 ? "none" : number(example["offset"]),
               text(example["note"])});
  }
  if (table.empty()) return "<p>Examples: " + absent() + ".</p>\n";
  return table.html("Examples");
}

std::string findings_html(const View& record) {
  std::string out, neutral;
  std::size_t folded = 0;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& finding : trial["findings"].items()) {
      auto head =
          text(trial["variant"]) + ": " + count(finding["count"]) + " " + text(finding["anomaly"]);
      if (finding["topic"]) {
        head += " on " + text(finding["topic"]);
        if (finding["partition"]) head += "/" + text(finding["partition"]);
      }
      const bool aside = finding["allowance"].is("neutral");
      if (aside) ++folded;
      (aside ? neutral : out) += details(head + " " + pill(finding["allowance"]),
                                         "<p>" + text(finding["why"]) + "</p>\n" +
                                             examples_html(finding));
    }
  }
  // Dozens of them would hide those that say something about the settings.
  if (folded > 0) out += details("Neutral: " + std::to_string(folded), neutral);
  return out.empty() ? "" : "<h4>Findings, with the first messages that prove them</h4>\n" + out;
}

std::string partitions_html(const View& record) {
  Table table({{"Trial"},
               {"Partition"},
               {"Log", Align::right},
               {"Read", Align::right},
               {"Acked", Align::right},
               {"Acked, lost", Align::right},
               {"Duplicate", Align::right},
               {"Read to its end"}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& partition : trial["audit"]["partitions"].items()) {
      const auto complete = partition["complete"].boolean();
      table.row({text(trial["variant"]),
                 text(partition["topic"]) + "/" + text(partition["partition"]),
                 number(partition["log_start"]) + " to " + number(partition["log_end"]),
                 count(partition["read"]), count(partition["acked"]),
                 lost_cell(partition["acked_lost"]), count(partition["duplicate"]),
                 !complete   ? absent()
                 : *complete ? "yes"
                             : "no: " + text(partition["reason"])});
    }
  }
  return table.empty() ? "" : details("Per partition", table.html("Audit per partition"));
}

std::string render(const View& record) {
  return reported_html(record) + transactions_html(record) + found_html(record) +
         deleted_html(record) + findings_html(record) + partitions_html(record);
}

const PanelRegistration registered{
    {.order = 20,
     .id = "durability",
     .title = "Durability",
     .note = "Acked: the client was told that the message is stored. Lost: acked, and absent "
             "from the log when a fresh client read all of it after healing. Unknown is neither.",
     .render = render,
     .render_whole = variants_html}};

}  // namespace

}  // namespace seatrial::reports::page
