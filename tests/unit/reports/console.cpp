// The console's whole text for records of each kind: complete, partial, empty, and one with
// everything that needs a caution.
#include "reports/console.hpp"

#include <filesystem>
#include <sstream>

#include "core/registry.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/page/page.hpp"
#include "support/records.hpp"
#include "unit/reports/records.hpp"

using namespace seatrial::reports;
using seatrial::reports::test::record;
using seatrial::reports::test::render_console;
using seatrial::reports::test::render_page;

namespace {

const char* const records[] = {"quickstart", "partial", "empty", "mock"};

}  // namespace

TEST_CASE("console: whole texts, with and without colour") {
  for (const std::string name : records) {
    seatrial::test::compare_with_golden(render_console(record(name), {}),
                                        "reports/" + name + ".console.txt");
    seatrial::test::compare_with_golden(render_console(record(name), {.colour = true}),
                                        "reports/" + name + ".console.ansi.txt");
  }
}

TEST_CASE("console: no line is wider than 100 columns, and plain text has no escapes") {
  for (const std::string name : records) {
    std::istringstream lines(render_console(record(name), {}));
    for (std::string line; std::getline(lines, line);) {
      INFO(name << ": " << line);
      CHECK(width_of(line) <= 100);
      CHECK(line.find('\x1b') == std::string::npos);
    }
  }
}

TEST_CASE("console: a record cannot smuggle escapes or line breaks onto the terminal") {
  auto json = record("quickstart");
  json["scenario"]["title"] = "a\x1b[31mred\nline";
  json["verdict"]["reasons"][0] =
      "x\x1b[2Jy\xC2\x9B"
      "2Jz";  // the second in one character
  json["trials"][0]["variant"] = "v\x1b[0m\r";
  json["variants"][0]["variant"] = "v\x1b[0m\r";
  const auto text = render_console(json, {});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find("\xC2\x9B") == std::string::npos);
  CHECK(text.find("a [31mred line") != std::string::npos);
}

TEST_CASE("console: the lines of a log that a reason quotes stay lines, at its indentation") {
  auto json = record("quickstart");
  json["verdict"]["reasons"] = {
      "broker-1 did not start; its last lines:\nfirst\nPASS  all is well"};
  const auto text = render_console(json, {});
  CHECK(text.find("last lines:\n      first\n      PASS  all is well\n") == std::string::npos);
  CHECK(text.find("last lines:\n      first\n      PASS all is well\n") != std::string::npos);
}

TEST_CASE(
    "console and cards begin with what the scenario asks, and tell losses where there are any") {
  auto json = record("quickstart");
  json["columns"] = {{{"key", "group_skipped"}, {"header", "skipped"}}};
  for (auto& variant : json["variants"]) {
    variant["group_skipped"] = 59;
    variant["acked_lost"] = 0;
    variant["asked"] = {
        {{"question", "group_skipped"},
         {"metric", "group_skipped"},
         {"meaning", "never handed"},
         {"observed", "59 to 189 (3 trials)"}},
        {{"question", "p99(read.end_to_end)"}, {"meaning", "until read"}, {"observed", "nothing"}}};
  }
  const auto heads = [](const nlohmann::json& of) {
    const auto text = render_console(of, {});
    const auto from = text.find("variant ", text.find("\nvariants"));
    return text.substr(from, text.find('\n', from) - from);
  };
  std::string head = heads(json);
  INFO(head);
  CHECK(head.find("skipped") < head.find("acked"));
  CHECK(head.find("p99(read.end_to_end)") < head.find("acked"));
  CHECK(head.find(" lost") == std::string::npos);
  CHECK(head.find("skipped") == head.rfind("skipped"));
  const auto page = render_page(json);
  CHECK(page.find("<p class=\"big\">59 to 189</p><p class=\"what\">group_skipped</p>") !=
        std::string::npos);
  CHECK(page.find("never handed") != std::string::npos);
  const auto cards = page.substr(0, page.find("<h3>Expectations</h3>"));
  CHECK(cards.find("acked messages lost") == std::string::npos);

  json["variants"][0]["acked_lost"] = 7;
  head = heads(json);
  CHECK(head.find(" lost") != std::string::npos);
  CHECK(render_page(json).find("<dt>acked messages lost</dt><dd>") != std::string::npos);
}

TEST_CASE("console: the verdict is the last block") {
  const auto text = render_console(record("quickstart"), {});
  const auto last = text.rfind("\n\n");
  REQUIRE(last != std::string::npos);
  CHECK(text.substr(last + 2) == "PASS  3 of 3 expectations held in 2 trials.\n");
}

TEST_CASE("console: no line is wider than a narrow terminal") {
  for (const std::string name : records) {
    for (const std::size_t width : {1U, 40U, 60U, 80U}) {
      std::istringstream lines(render_console(record(name), {.colour = false, .width = width}));
      for (std::string line; std::getline(lines, line);) {
        INFO(name << " at " << width << ": " << line);
        CHECK(width_of(line) <= std::max<std::size_t>(width, 40));
      }
    }
  }
}

TEST_CASE("console: a percentile of too few messages is not said to be unrecorded") {
  auto json = record("quickstart");
  for (auto& trial : json["trials"]) {
    for (auto& workload : trial["workloads"]) {
      if (!workload.contains("latency") || !workload["latency"].contains("response")) continue;
      workload["latency"]["response"]["percentiles"] = nlohmann::json::array();
    }
  }
  CHECK(render_console(json, {}).find(" few ") != std::string::npos);
  CHECK(render_page(json).find("too few messages") != std::string::npos);
  for (auto& trial : json["trials"]) {
    trial["workloads"] = nlohmann::json::array();
    trial["explanation"] = nlohmann::json::array();  // may speak of a few messages
  }
  CHECK(render_console(json, {}).find(" few ") == std::string::npos);
}

TEST_CASE("console and page say which closed loop its connections limited") {
  auto json = record("quickstart");
  CHECK(render_console(json, {}).find("connection-limited") == std::string::npos);
  CHECK(render_page(json).find("connection-limited") == std::string::npos);
  const std::string name = json["trials"][0]["workloads"][0]["name"];
  json["trials"][0]["connection_limited"] = {{name, "its 1 lane waited"},
                                             {"gone", "of no workload"}};
  const auto text = render_console(json, {.width = 300});
  const std::string variant = json["trials"][0]["variant"];
  CHECK(text.find("connection-limited  " + variant + ", workload " + name +
                  ": its 1 lane waited") != std::string::npos);
  CHECK(text.find("of no workload") == std::string::npos);
  CHECK(render_page(json).find("connection-limited</span> its 1 lane waited") != std::string::npos);
}

TEST_CASE("console: one is not several") {
  auto json = record("quickstart");
  json["cluster"]["brokers"] = 1;
  CHECK(render_console(json, {}).find(" 1 broker,") != std::string::npos);
  json["expectations"] = nlohmann::json::array();
  CHECK(render_console(json, {}).find("the scenario has none") != std::string::npos);
}

TEST_CASE("console: what a fault counted is said, bytes in their unit") {
  auto json = record("quickstart");
  json["trials"][0]["faults"][0]["evidence"]["counted"] = {
      {{"node", 2}, {"kind", "bytes dropped"}, {"value", 4096.0}, {"unit", "B"}},
      {{"node", 2}, {"kind", "held"}, {"value", 7}, {"unit", "requests"}}};
  const auto text = render_console(json, {.width = 300});
  CHECK(text.find("bytes dropped 4 KiB; held 7 requests") != std::string::npos);
}

TEST_CASE("console: an unjudged run is never a pass") {
  auto json = record("quickstart");
  json.erase("verdict");
  const auto text = render_console(json, {});
  CHECK(text.find("UNKNOWN  The run ended before it was judged.") != std::string::npos);
}

TEST_CASE("console: anything may be absent or of another type") {
  CHECK_FALSE(render_console(nlohmann::json(nullptr), {}).empty());
  const auto odd = nlohmann::json::parse(R"({"trials": 3, "run": [], "variants": {}})");
  CHECK_FALSE(render_console(odd, {}).empty());
}

TEST_CASE("console: what else was counted has a column of its own") {
  auto json = record("quickstart");
  json["columns"] = {{{"key", "group_skipped"}, {"header", "skipped"}}};
  json["variants"][0]["group_skipped"] = 1234;
  const auto text = render_console(json, {});
  CHECK(text.find("skipped") != std::string::npos);
  CHECK(text.find("1,234") != std::string::npos);
  CHECK(render_console(record("quickstart"), {}).find("skipped") == std::string::npos);
}

TEST_CASE("console: no golden file is left over") {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(seatrial::test::golden_path("reports"))) {
    const auto file = entry.path().filename().string();
    const auto stem = file.substr(0, file.find('.'));
    INFO(file);
    CHECK(std::find(std::begin(records), std::end(records), stem) != std::end(records));
  }
}

TEST_CASE("reports: each renderer is registered and renders as its function does") {
  using Renderers = seatrial::Registry<seatrial::Report>;
  const auto* console = Renderers::instance().find("text");
  const auto* html = Renderers::instance().find("html");
  REQUIRE(console != nullptr);
  REQUIRE(html != nullptr);
  std::vector<seatrial::OptionProblem> problems;
  const auto options = seatrial::Options::check(console->options, {}, problems);
  CHECK(problems.empty());
  const auto made = console->make(options);
  CHECK(made->render(seatrial::test::record_of(record("mock"))) ==
        render_console(record("mock"), {}));
  CHECK(made->delivery().file.empty());
  CHECK(html->make({})->delivery().file == "report.html");
}
