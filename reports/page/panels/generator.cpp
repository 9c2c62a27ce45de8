// Whether the load generator itself can be believed: how late it was, how often this machine did
// not run it, and what its clients complained of.
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

std::string machine_html(const View& record) {
  Table table({{"Trial"},
               {"Generator"},
               {"Lateness p99", Align::right},
               {"beyond wake", Align::right},
               {"Hiccup p99.9", Align::right},
               {"Hiccup max", Align::right},
               {"Others' cores", Align::right},
               {"CPU stolen", Align::right},
               {"Waited for CPU", Align::right},
               {"for memory", Align::right},
               {"for disks", Align::right},
               {"CPU used", Align::right},
               {"Switched out", Align::right},
               {"Client's queue full", Align::right},
               {"Throttled", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    const auto generator = trial["generator"];
    const auto limited = generator["limited"].boolean();
    std::string word = absent();
    if (limited) {
      word = *limited ? "<span class=\"pill bad\">generator-limited</span>"
                      : "<span class=\"pill good\">kept up</span>";
    }
    table.row({text(trial["variant"]), word, duration(generator["lateness_p99_ns"]),
               duration(generator["overrun_p99_ns"]), duration(generator["hiccup_p999_ns"]),
               duration(generator["hiccup_max_ns"]), number(generator["foreign_cores"]),
               share(generator["steal_share"]), share(generator["pressure_share"]),
               share(generator["memory_pressure_share"]), share(generator["io_pressure_share"]),
               seconds(generator["cpu_s"]), count(generator["involuntary_switches"]),
               duration(generator["backpressure_ns"]), duration(generator["throttle_ns"])});
  }
  return table.empty() ? "" : table.html("Load generator per trial");
}

std::string warmup_html(const View& record) {
  Table table({{"Trial"}, {"Warm-up"}});
  for (const auto& trial : record["trials"].items()) {
    const auto said = warmup_text(trial);
    if (!said.empty()) table.row({text(trial["variant"]), escape(said)});
  }
  return table.empty() ? "" : table.html("Warm-up per trial");
}

std::string cores_html(const View& record) {
  Table table({{"Trial"}, {"Core", Align::right}, {"Hiccup p99.9", Align::right},
               {"Hiccup max", Align::right}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& core : trial["generator"]["cores"].items()) {
      table.row({text(trial["variant"]), number(core["core"]), duration(core["hiccup_p999_ns"]),
                 duration(core["hiccup_max_ns"])});
    }
  }
  return table.empty() ? "" : details("Hiccups by core", table.html("Hiccups by core"));
}

std::string seconds_html(const View& record) {
  Table table({{"Trial"}, {"Second", Align::right}, {"Longest hiccup", Align::right},
               {"CPU busy", Align::right}, {"stolen", Align::right},
               {"Waited for CPU", Align::right}, {"for memory", Align::right},
               {"for disks", Align::right}, {"Generator's cores", Align::right},
               {"Switched out", Align::right}, {"Queue full", Align::right},
               {"Throttled", Align::right}, {"Page cache", Align::right},
               {"not yet on disk", Align::right}, {"Messages unreplicated", Align::right}});
  std::string elsewhere;
  for (const auto& trial : record["trials"].items()) {
    if (is_joined(trial["machine"])) {
      elsewhere = numbers_elsewhere();
      continue;
    }
    for (const auto& point : trial["machine"].items()) {
      table.row({text(trial["variant"]), number(point["t_s"]), duration(point["hiccup_ns"]),
                 share(point["busy"]), share(point["steal"]), share(point["cpu_pressure"]),
                 share(point["memory_pressure"]), share(point["io_pressure"]),
                 share(point["generator_cpu"]), count(point["involuntary_switches"]),
                 duration(point["backpressure_ns"]), duration(point["throttle_ns"]),
                 bytes(point["cached_bytes"]), bytes(point["dirty_bytes"]),
                 count(point["unreplicated"])});
    }
  }
  if (table.empty() && elsewhere.empty()) return "";
  const auto html = table.empty() ? "" : table.html("The machine by second");
  return details("The machine by second", html + elsewhere);
}

std::string workloads_html(const View& record) {
  Table table({{"Trial"},
               {"Workload"},
               {"Engine"},
               {"Lanes", Align::right},
               {"Loop"},
               {"Offered per s", Align::right},
               {"Client's queue full", Align::right},
               {"Throttled", Align::right},
               {"Limited"}});
  std::string notes;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& workload : trial["workloads"].items()) {
      const auto loop = workload["loop"];
      const auto loop_html = loop.is("closed")
                                 ? std::string("<span class=\"pill warn\">closed loop</span>")
                                 : is_producer(workload) ? text(loop) : "consumer";
      const auto limit = workload["generator_limited"];
      const auto waited = trial["connection_limited"][workload["name"].text()];
      table.row({text(trial["variant"]), text(workload["name"]), text(workload["client"]),
                 number(workload["lanes"]), loop_html,
                 is_producer(workload) ? number(workload["offered_per_s"]) : "",
                 is_producer(workload) ? duration(workload["backpressure_ns"]) : "",
                 duration(workload["throttle_ns"]),
                 limit    ? "<span class=\"pill bad\">generator-limited</span> " + text(limit)
                 : waited ? "<span class=\"pill warn\">connection-limited</span> " + text(waited)
                          : ""});
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
  const auto out = machine_html(record) + warmup_html(record) + workloads_html(record) +
                   cores_html(record) + seconds_html(record) + errors_html(record);
  return out.empty() ? "<p>Load generator: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 100,
     .id = "generator",
     .title = "Was the generator honest?",
     .note = "Lateness: how far behind its own schedule it sent; beyond wake: without what lanes "
             "held back by their own rule. Hiccup: how long a thread that wanted to run did not. "
             "Where either is large, or others used this machine's cores, "
             "the cluster is not to "
             "blame. A full "
             "client queue or throttling by brokers is no fault of the generator's.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
