// What to type to have this run again, and the scenario as it was.
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"

namespace seatrial::reports::page {

namespace {

std::string render(const View& record) {
  const auto run = record["run"];
  const auto scenario = record["scenario"];
  std::string out = "<pre class=\"command\"><code>" + text(run["command"]) + "</code></pre>\n";
  out += "<p>Seed " + text(run["seed"]) + ", " + text(run["program"]) + ", scenario " +
         code(scenario["path"]) + ". The same seed gives the same plan; brokers and machines still "
         "take their own time.</p>\n";
  return out +
         details("The scenario, as it was run", "<pre class=\"scenario\" tabindex=\"0\"><code>" +
                                                    text(scenario["text"]) + "</code></pre>\n");
}

const PanelRegistration registered{
    {.order = 130, .id = "reproduce", .title = "How to reproduce", .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
