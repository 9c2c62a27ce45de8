// Why messages were lost: the record's own sentences, and the measured parts of the product they
// name (rate x pause): how fast messages were offered, and for how long each process was really
// held.
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

bool lost_any(const View& trial) {
  return trial["audit"]["totals"]["acked_lost"].integer().value_or(0) > 0;
}

std::string held_html(const View& trial) {
  Table table({{"Fault"}, {"Node", Align::right}, {"Effect seen", Align::right},
               {"Undone", Align::right}, {"Held for", Align::right}});
  for (const auto& fault : trial["faults"].items()) {
    for (const auto& node : fault["evidence"]["nodes"].items()) {
      table.row({text(fault["action"]), node_or_member(node), seconds(node["seen_s"]),
                 seconds(node["undone_s"]), duration(node["held_ns"])});
    }
  }
  return table.empty() ? "" : table.html("How long each process was held, from its state");
}

std::string offered_html(const View& trial) {
  std::string out;
  for (const auto& workload : trial["workloads"].items()) {
    if (!is_producer(workload)) continue;
    const bool closed = workload["loop"].is("closed");
    out += "<p>Offered by " + text(workload["name"]) + ": " +
           (closed ? "as fast as it was answered (closed loop)"
                   : number(workload["offered_per_s"]) + " messages/s") +
           ". Acked and lost in this trial: " + count(trial["audit"]["totals"]["acked_lost"]) +
           ".</p>\n";
  }
  return out;
}

std::string render(const View& record) {
  std::string out;
  for (const auto& trial : record["trials"].items()) {
    if (trial["explanation"].size() == 0 && !lost_any(trial)) continue;
    out += "<h3>" + text(trial["variant"]) + "</h3>\n";
    if (trial["explanation"].size() == 0) out += "<p>Explanation: " + absent() + ".</p>\n";
    for (const auto& sentence : trial["explanation"].items()) {
      out += "<p class=\"lead\">" + text(sentence) + "</p>\n";
    }
    out += offered_html(trial) + held_html(trial);
  }
  return out;
}

const PanelRegistration registered{
    {.order = 30,
     .id = "explanation",
     .title = "Why",
     .note = "How much a setting loses is the rate at which only one broker held what was acked, "
             "times how long that lasted.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
