// What brokers logged that no run should pass over, each kind with its first line.
#include "reports/format.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

std::string render(const View& record) {
  Table table({{"Trial"}, {"Kind"}, {"Judged"}, {"Lines", Align::right}, {"First at"}, {"Text"}});
  for (const auto& trial : record["trials"].items()) {
    for (const auto& finding : trial["broker_logs"].items()) {
      table.row({text(trial["variant"]), text(finding["kind"]),
                 text(finding["allowance"]) + ": " + text(finding["why"]), count(finding["count"]),
                 code(finding["file"]) + ":" + text(finding["line"]), code(finding["text"])});
    }
  }
  return table.empty() ? "" : table.html("Lines of the brokers' logs");
}

const PanelRegistration registered{
    {.order = 95,
     .id = "broker-logs",
     .title = "What the brokers said themselves",
     .note = "Fatal errors, corruption, exhausted memory, folders given up, recovery and unclean "
             "elections, from the brokers' logs. What neither a fault nor the scenario explains "
             "fails the trial.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
