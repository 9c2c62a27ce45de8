// What was done to the cluster, and the proof that it happened: process states and, per partition,
// what leaders, replicas and acks did.
#include "reports/format.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

// With how late the action was.
std::string trigger(const View& fault) {
  const View late = fault["injection_error_ns"];
  return text(fault["trigger"]) + (late ? " (+" + duration(late) + ")" : "");
}

std::string faults_html(const View& record) {
  Table table({{"Trial"}, {"Fault"}, {"Target"}, {"Nodes"}, {"Trigger"}, {"Injected", Align::right},
               {"Healed", Align::right}, {"Effect"}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& fault : trial["faults"].items()) {
      auto effect = pill(fault["status"]);
      if (fault["error"] && !fault["error"].is("")) effect += " " + text(fault["error"]);
      table.row({text(trial["variant"]), text(fault["action"]), code(fault["target"]),
                 list(fault["nodes"]), trigger(fault), seconds(fault["injected_s"]),
                 seconds(fault["healed_s"]), effect});
    }
  }
  return table.empty() ? "" : table.html("Faults");
}

std::string nodes_html(const View& fault) {
  Table table({{"Node", Align::right}, {"Before"}, {"After"}, {"Asked", Align::right},
               {"Seen", Align::right}, {"Undone", Align::right}, {"Held for", Align::right}});
  for (const auto& node : fault["evidence"]["nodes"].items()) {
    table.row({node_or_member(node), text(node["before"]), text(node["after"]),
               seconds(node["asked_s"]), seconds(node["seen_s"]), seconds(node["undone_s"]),
               duration(node["held_ns"])});
  }
  return table.empty() ? "<p>Process states: " + absent() + ".</p>\n"
                       : table.html("Process states around the fault");
}

// Of faults that count: bytes that they dropped, requests that they held up.
std::string counted_html(const View& fault) {
  Table table({{"Node", Align::right},
               {"Counted"},
               {"Value", Align::right},
               {"Unit"},
               {"Read", Align::right}});
  for (const auto& counted : fault["evidence"]["counted"].items()) {
    const View value = counted["value"];
    table.row({node_or_member(counted), text(counted["kind"]),
               counted["unit"].is("B") ? bytes(value) : number(value),
               counted["unit"] ? text(counted["unit"]) : "", seconds(counted["at_s"])});
  }
  return table.empty() ? "" : table.html("What the fault counted");
}

std::string facts_html(const View& fault) {
  std::string out;
  for (const auto& fact : fault["evidence"]["facts"].items())
    out += "<li>" + text(fact) + "</li>\n";
  return out.empty() ? "" : "<ul>\n" + out + "</ul>\n";
}

std::string errors_html(const View& errors) {
  std::string out;
  for (const auto& [name, times] : errors.entries()) {
    out += (out.empty() ? "" : ", ") + std::string("<code>") + escape(name) + "</code> " +
           count(times);
  }
  return out.empty() ? "none" : out;
}

std::string partitions_html(const View& fault) {
  Table table({{"Partition"}, {"Leader"}, {"In sync"}, {"Last ack before", Align::right},
               {"First ack after", Align::right}, {"Longest without acks", Align::right},
               {"Errors"}});
  for (const auto& partition : fault["evidence"]["partitions"].items()) {
    const auto& gap = partition["longest_gap"];
    table.row({text(partition["topic"]) + "/" + text(partition["partition"]),
               text(partition["leader_before"]) + " &rarr; " + text(partition["leader_after"]),
               list(partition["isr_before"]) + " &rarr; " + list(partition["isr_after"]),
               seconds(partition["last_ack_before_s"]), seconds(partition["first_ack_after_s"]),
               gap ? seconds(gap["from_s"]) + " &ndash; " + seconds(gap["to_s"]) : "none",
               errors_html(partition["errors"])});
  }
  return table.empty() ? "<p>Per partition: " + absent() + ".</p>\n"
                       : table.html("Partitions around the fault");
}

std::string render(const View& record) {
  const auto table = faults_html(record);
  if (table.empty()) return "";
  std::string out = table + "<h4>Evidence</h4>\n";
  for (const auto& trial : record["trials"].items()) {
    for (const auto& fault : trial["faults"].items()) {
      out += details(
          text(trial["variant"]) + ": " + text(fault["action"]) + " " + code(fault["target"]),
          nodes_html(fault) + counted_html(fault) + facts_html(fault) + partitions_html(fault));
    }
  }
  return out;
}

const PanelRegistration registered{
    {.order = 90,
     .id = "faults",
     .title = "Faults and their evidence",
     .note = "A fault counts only if its effect was seen; otherwise the trial is invalid. Times "
             "are seconds since measuring began; acks are those just before the fault was asked "
             "for and just after its effect was seen, errors those of its window.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
