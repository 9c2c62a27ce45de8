// Where the run took place: cluster, machine, versions, and what there is to hold against them.
#include "reports/format.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"

namespace seatrial::reports::page {

namespace {

std::string cluster_html(const View& record) {
  const auto cluster = record["cluster"];
  Table table({{"Cluster"}, {""}}, "facts");
  table.row({"Kind", text(cluster["kind"])});
  if (cluster["reason"]) table.row({"Chosen because", text(cluster["reason"])});
  table.row({"Kafka", text(cluster["version"])});
  table.row({"Brokers", number(cluster["brokers"])});
  table.row({"Controllers", number(cluster["controllers"])});
  table.row({"Timeouts", text(cluster["timeouts"])});
  for (const auto& [name, fact] : record["trials"].at(0)["cluster_facts"].entries()) {
    table.row({escape(name), text(fact)});
  }
  return table.html("Cluster");
}

std::string machine_html(const View& record) {
  const auto environment = record["environment"];
  Table table({{"Machine"}, {""}}, "facts");
  table.row({"Processor", text(environment["cpu"])});
  table.row({"Cores", number(environment["cores"])});
  table.row({"Memory", bytes(environment["memory_bytes"])});
  table.row({"System", text(environment["os"])});
  table.row({"Kernel", text(environment["kernel"])});
  table.row({"librdkafka", text(environment["librdkafka"])});
  table.row({"Compiler", text(environment["compiler"])});
  table.row({"Build", text(environment["build"])});
  return table.html("Machine");
}

std::string labels_html(const View& record) {
  Table table({{"Label"}, {""}}, "facts");
  for (const auto& [key, value] : record["labels"].entries())
    table.row({escape(key), escape(value.text())});
  return table.empty() ? "" : table.html("Labels");
}

std::string trials_html(const View& record) {
  using Align = Table::Align;
  Table table({{"Trial"}, {"Repeat", Align::right}, {"Status"}, {"Started"},
               {"Cluster up after", Align::right}, {"First ack after", Align::right}, {"Verdict"}});
  for (const auto& trial : record["trials"].items()) {
    std::string reasons;
    for (const auto& reason : trial["reasons"].items()) reasons += " " + text(reason);
    table.row({text(trial["variant"]), number(trial["repeat"]), pill(trial["status"]),
               text(trial["started_at"]), seconds(trial["cluster_up_s"]),
               seconds(trial["first_ack_s"]), pill(trial["verdict"]) + reasons});
  }
  return table.empty() ? "<p>Trials: " + absent() + ".</p>\n" : table.html("Trials");
}

// What spoils a measurement here stands above the tables; the rest is behind a fold.
std::string grades_html(const View& record) {
  const auto grades = record["environment"]["grades"].items();
  if (grades.empty()) return "<p>Grades of the machine: " + absent() + ".</p>\n";
  Table table({{"Grade"}, {"Of"}, {"Observed"}, {"What to change"}});
  std::string cautions;
  for (const auto& grade : grades) {
    table.row({pill(grade["mark"]), text(grade["name"]), text(grade["observed"]),
               grade["advice"] ? text(grade["advice"]) : ""});
    if (!grade["mark"].is("doubt")) continue;
    cautions += "<p class=\"caution\">" + text(grade["name"]) + ": " + text(grade["observed"]) +
                ". " + text(grade["advice"]) + "</p>\n";
  }
  return cautions + details("Grades of the machine, as <code>./seatrial doctor</code> gives them",
                            table.html("Grades of the machine"));
}

std::string render(const View& record) {
  return grades_html(record) + "<div class=\"duo\">" + cluster_html(record) + machine_html(record) +
         labels_html(record) + "</div>\n" + trials_html(record);
}

const PanelRegistration registered{
    {.order = 120, .id = "environment", .title = "Environment", .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
