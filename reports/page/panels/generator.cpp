// Whether the load generator itself can be believed: how late it was, how often this machine did
// not run it, and what its clients complained of.
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

std::string machine_html(const View& record) {
  Table table({{"Trial"}, {"Generator"}, {"Lateness p99", Align::right},
               {"Hiccup p99.9", Align::right}, {"Hiccup max", Align::right},
               {"CPU stolen", Align::right}, {"CPU used", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    const auto generator = trial["generator"];
    const auto limited = generator["limited"].boolean();
    std::string word = absent();
    if (limited) {
      word = *limited ? "<span class=\"pill bad\">generator-limited</span>"
                      : "<span class=\"pill good\">kept up</span>";
    }
    if (generator["reason"] && !generator["reason"].is("")) word += " " + text(generator["reason"]);
    table.row({text(trial["variant"]), word, duration(generator["lateness_p99_ns"]),
               duration(generator["hiccup_p999_ns"]), duration(generator["hiccup_max_ns"]),
               share(generator["steal_share"]), seconds(generator["cpu_s"])});
  }
  return table.empty() ? "" : table.html("Load generator per trial");
}

std::string workloads_html(const View& record) {
  Table table({{"Trial"}, {"Workload"}, {"Engine"}, {"Lanes", Align::right}, {"Loop"},
               {"Offered per s", Align::right}, {"Client's queue full", Align::right}});
  std::string notes;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto loop = workload["loop"];
      const auto loop_html = loop.is("closed")
                                 ? std::string("<span class=\"pill warn\">closed loop</span>")
                                 : is_producer(workload) ? text(loop) : "consumer";
      table.row({text(trial["variant"]), text(workload["name"]), text(workload["client"]),
                 number(workload["lanes"]), loop_html,
                 is_producer(workload) ? number(workload["offered_per_s"]) : "",
                 is_producer(workload) ? duration(workload["backpressure_ns"]) : ""});
      for (const auto& note : workload["notes"].items()) {
        notes += "<li>" + text(trial["variant"]) + ", " + text(workload["name"]) + ": " +
                 text(note) + "</li>\n";
      }
    }
  }
  if (table.empty()) return "";
  return table.html("Workloads per trial") + (notes.empty() ? "" : "<ul>" + notes + "</ul>\n");
}

std::string errors_html(const View& record) {
  Table table({{"Trial"}, {"Workload"}, {"Partition", Align::right}, {"Error"},
               {"Messages", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      for (const auto& error : workload["errors"].items()) {
        table.row({text(trial["variant"]), text(workload["name"]), number(error["partition"]),
                   code(error["error"]), count(error["count"])});
      }
    }
  }
  return table.empty() ? "" : details("Errors that clients reported", table.html("Client errors"));
}

std::string render(const View& record) {
  const auto out = machine_html(record) + workloads_html(record) + errors_html(record);
  return out.empty() ? "<p>Load generator: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 100,
     .id = "generator",
     .title = "Was the generator honest?",
     .note = "Lateness: how far behind its own schedule it sent. Hiccup: how long a thread that "
             "wanted to run did not. Where either is large, the cluster is not to blame.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
