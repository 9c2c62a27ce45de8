// The panel of what passed the proxy: bars and numbers by node and API, and nothing of a run
// without one.
#include "unit/reports/records.hpp"

using nlohmann::json;
using seatrial::reports::test::record;
using seatrial::reports::test::render_page;

namespace {

std::string section_of(const std::string& html) {
  const auto from = html.find("<section id=\"network\"");
  if (from == std::string::npos) return "";
  return html.substr(from, html.find("</section>", from) - from);
}

json api(const char* name, int requests, int in, int out) {
  return {{"api", name},
          {"requests", requests},
          {"responses", requests},
          {"bytes_in", in},
          {"bytes_out", out}};
}

TEST_CASE("page: what passed the proxy stands by node, listener and API") {
  auto run = record("quickstart");
  CHECK(section_of(render_page(run)).empty());
  for (auto& trial : run["trials"]) {
    trial["network"] = {{{"node", 1},
                         {"listener", "client"},
                         {"connections", 3},
                         {"bytes_in", 7000},
                         {"bytes_out", 900},
                         {"apis", {api("Produce", 20, 6000, 400), api("Metadata", 5, 1000, 500)}}},
                        {{"node", 101},
                         {"listener", "controller"},
                         {"apis", json::array({api("Fetch", 8, 300, 200)})}}};
  }
  const auto section = section_of(render_page(run));
  for (const std::string text :
       {"What passed the proxy", ">node 1, clients<", ">node 101, controllers<",
        "node 1, clients: Produce, 20 requests, ", "data-value=\"6000\"", "data-value=\"8\""}) {
    INFO(text);
    CHECK(section.find(text) != std::string::npos);
  }
  // Produce has most bytes, and so the first colour.
  CHECK(section.find("class=\"slice s0\"") < section.find("class=\"slice s1\""));
  CHECK(section.find("Produce") < section.find("Metadata"));
}

}  // namespace
