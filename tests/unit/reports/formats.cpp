// The formats for machines: whole texts of the kept records, and what each must hold whatever a
// record says. Whether readers of their own kind take them is asked by tests/readers.
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <regex>

#include "core/registry.hpp"
#include "core/utf8.hpp"
#include "record/report.hpp"
#include "support/text.hpp"
#include "unit/reports/records.hpp"

namespace seatrial::reports {
namespace {

using nlohmann::json;
using seatrial::test::contains;
using test::record;

const std::vector<std::string> formats{"junit", "markdown", "openmetrics", "gbench", "csv", "svg"};

// As it would be read from a file, whatever is in it.
std::string rendered(const std::string& format, const json& fields) {
  std::vector<std::string> taken_out;
  json whole = fields;
  whole["schema"] = "seatrial.run/1";
  const auto read = record::RunRecord::read(whole.dump(), taken_out);
  INFO(whole.dump(1).substr(0, 2000));
  REQUIRE(read);
  const auto* plugin = Registry<Report>::instance().find(format);
  REQUIRE(plugin != nullptr);
  return plugin->make({})->render(*read);
}

// A run of these trials, each {variant, repeat, verdict}, that came to its end.
json run_of(const std::vector<std::array<std::string, 3>>& trials, const std::string& overall) {
  json out{{"run", {{"id", "r"}}},
           {"partial", false},
           {"scenario", {{"name", "s"}}},
           {"verdict", {{"overall", overall}, {"exit_code", 0}, {"reasons", json::array()}}},
           {"trials", json::array()}};
  for (const auto& [variant, repeat, verdict] : trials) {
    out["trials"].push_back({{"index", out["trials"].size()},
                             {"variant", variant},
                             {"repeat", repeat == "1" ? 1 : 0},
                             {"status", "finished"},
                             {"verdict", verdict},
                             {"reasons", json::array()}});
  }
  return out;
}

int times_in(const std::string& text, const std::string& what) {
  int found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
  return found;
}

// Every mark that means something to one of the formats, and what XML 1.0 cannot hold.
const std::string hostile = "=a<b>&\"'|`*_\\,{}\n\r\x01\x7f$1$ ]]> \xEF\xBF\xBE # EOF";

json hostile_run() {
  json out = record("mock");
  out["scenario"]["name"] = hostile;
  out["scenario"]["title"] = hostile;
  out["labels"] = {{"a.b", hostile}, {"a_b", "2"}};
  out["verdict"]["reasons"].push_back(hostile);
  out["trials"][1]["variant"] = hostile;
  out["trials"][1]["reasons"].push_back(hostile);
  out["variants"][1]["variant"] = hostile;
  for (auto& workload : out["trials"][1]["workloads"]) workload["name"] = hostile;
  for (auto& series : out["trials"][1]["series"]) series["workload"] = hostile;
  return out;
}

TEST_CASE("formats: whole texts of the kept records") {
  for (const std::string name : {"quickstart", "partial", "empty", "mock"}) {
    for (const auto& [format, ending] :
         {std::pair{"junit", "junit.xml"}, std::pair{"markdown", "md"},
          std::pair{"openmetrics", "openmetrics.txt"}, std::pair{"gbench", "gbench.json"}}) {
      seatrial::test::compare_with_golden(rendered(format, record(name)),
                                          "reports/" + name + "." + ending);
    }
  }
}

TEST_CASE("formats: any record renders, and to text that can be printed") {
  std::vector<json> records{json{{"run", json::object()}}, hostile_run()};
  std::mt19937_64 random(20261129);
  const std::vector<json> others{nullptr, -1, 0, 1e300, -1e300, "", json::array(), json::object()};
  for (const std::string name : {"quickstart", "partial", "empty", "mock"}) {
    for (int i = 0; i < 25; ++i) {
      json flat = record(name).flatten();
      for (int change = 0; change < 20 && !flat.empty(); ++change) {
        auto at = std::next(flat.begin(), static_cast<std::ptrdiff_t>(random() % flat.size()));
        if (random() % 2 == 0) flat.erase(at);
        else if (const json& other = others[random() % 6]; other.is_primitive()) *at = other;
      }
      json changed = flat.unflatten();
      if (!changed.is_object() || !changed.contains("run")) continue;
      records.push_back(std::move(changed));
    }
  }
  for (const json& one : records) {
    for (const auto& format : formats) {
      std::vector<std::string> taken_out;
      json whole = one;
      whole["schema"] = "seatrial.run/1";
      const auto read = record::RunRecord::read(whole.dump(), taken_out);
      if (!read) continue;
      const std::string text = Registry<Report>::instance().find(format)->make({})->render(*read);
      INFO(format << "\n" << text.substr(0, 3000));
      CHECK_FALSE(text.empty());
      CHECK_FALSE(first_not_utf8(text));
      CHECK_FALSE(first_control(text));
    }
  }
}

// Where each kind of value stands: of a list's elements, the first that has it stands for all.
std::vector<json::json_pointer> kinds_of_values(const json& whole) {
  std::map<std::string, json::json_pointer> kinds;
  const json flat = whole.flatten();
  const std::regex element("/[0-9]+");
  for (const auto& [place, value] : flat.items())
    kinds.emplace(std::regex_replace(place, element, "/*"), json::json_pointer(place));
  std::vector<json::json_pointer> out;
  for (auto& [kind, place] : kinds) out.push_back(std::move(place));
  return out;
}

TEST_CASE("reports: no value of a record steers a terminal") {
  // So many at a time that reports are rendered a dozen times, few enough that most stay usual.
  constexpr std::size_t parts = 12;
  for (const std::string name : {"quickstart", "partial", "mock"}) {
    const json whole = record(name);
    const auto places = kinds_of_values(whole);
    for (std::size_t part = 0; part < parts; ++part) {
      json changed = whole;
      for (std::size_t at = part; at < places.size(); at += parts)
        if (places[at].to_string() != "/schema") changed[places[at]] = "a\x1b[31mb\x07\x7f";
      std::vector<std::string> taken_out;
      const auto read = record::RunRecord::read(changed.dump(), taken_out);
      REQUIRE(read);
      for (const auto& [format, plugin] : Registry<Report>::instance().all()) {
        std::vector<OptionProblem> none;
        const auto report = plugin.make(Options::check(plugin.options, {}, none));
        const auto text = report->render(*read);
        INFO(name << " as " << format << ":\n" << text.substr(0, 3000));
        CHECK_FALSE(first_control(text));
      }
    }
  }
}

// --- junit ---

TEST_CASE("junit: only a pass is a pass") {
  const auto text = rendered("junit", run_of({{"a", "0", "pass"},
                                              {"a", "1", "fail"},
                                              {"b", "0", "unknown"},
                                              {"b", "1", "invalid"},
                                              {"c", "0", ""}},
                                             "fail"));
  CHECK(contains(text, "tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"3\""));
  CHECK(contains(text, "<testcase name=\"a, repeat 0\" classname=\"s.a\"/>"));
  CHECK(times_in(text, "<failure ") == 1);
  CHECK(times_in(text, "<skipped ") == 3);
}

TEST_CASE("junit: reasons, expectations and what broke a promise are the failure's text") {
  const auto text = rendered("junit", record("mock"));
  CHECK(contains(text, "<failure message=\""));
  CHECK(contains(text, "expected acked_lost == 0: failed, observed 3"));
  CHECK(contains(text, "acked-lost: 3 messages of orders/3"));
}

TEST_CASE("junit: a run that was killed, or lacks trials, has errors that say which") {
  json killed = run_of({{"a", "0", "pass"}, {"a", "1", ""}}, "unknown");
  killed["partial"] = true;
  killed["trials"][1]["status"] = "running";
  killed["planned"] = {{{"variant", "a"}, {"repeat", 0}},
                       {{"variant", "a"}, {"repeat", 1}},
                       {{"variant", "b"}, {"repeat", 0}}};
  const auto text = rendered("junit", killed);
  CHECK(contains(text, "tests=\"4\" failures=\"0\" errors=\"3\" skipped=\"0\""));
  CHECK(contains(text, "<error message=\"the run ended before this trial did\""));
  CHECK(contains(text, "<error message=\"trial 3 of 3 did not run\""));
  CHECK(contains(text, "<error message=\"the run did not end by itself\""));
  killed["run"]["interrupted"] = true;
  CHECK(contains(rendered("junit", killed), "<error message=\"the run was interrupted\""));
  CHECK(contains(rendered("junit", run_of({}, "unknown")), "<error message=\"no trial ran\""));
  json failed = run_of({{"a", "0", "unknown"}}, "unknown");
  failed["trials"][0]["status"] = "error";
  failed["trials"][0]["error"] = "no broker came up";
  CHECK(contains(rendered("junit", failed), "ended on an error: no broker came up"));
}

TEST_CASE("junit: what is true of the run alone has a case of its own") {
  json run = run_of({{"a", "0", "pass"}, {"a", "1", "pass"}}, "fail");
  run["verdict"]["reasons"] = {"any of them should have lost something"};
  const auto text = rendered("junit", run);
  CHECK(contains(text, "<testcase name=\"the run as a whole\" classname=\"s.run\">"));
  CHECK(contains(text, "<failure message=\"any of them should have lost something\""));
  run["verdict"]["overall"] = "pass";
  CHECK_FALSE(contains(rendered("junit", run), "the run as a whole"));
}

// --- markdown ---

json gate_run(const std::string& outcome) {
  json out = run_of({{"baseline", "0", "unknown"}, {"candidate", "0", "pass"}}, outcome);
  const auto metric = [](const std::string& name, const std::string& of) {
    return json{{"metric", name},        {"gates", true},    {"unit", "ns"},
                {"delta", 0.05},         {"delta_max", 0.1}, {"baseline", 5e6},
                {"candidate", 6e6},      {"estimate", 0.18}, {"low", 0.1},
                {"high", 0.25},          {"outcome", of},    {"reason", "18 % worse"},
                {"pairs", json::array()}};
  };
  out["gate"] = {
      {"outcome", outcome == "unknown" ? "inconclusive" : outcome},
      {"reason", "regression after 10 pairs"},
      {"differs", {{{"setting", "cluster.version"}, {"candidate", "4.4.0"}}}},
      {"pairs", {{{"pair", 0}, {"first", "baseline"}, {"void", {"a storm | of work"}}}}},
      {"metrics",
       {metric("p50(produce.response)", "fail"), metric("p99(produce.response)", "inconclusive"),
        metric("broker_cpu_per_mb", "pass")}}};
  out["gate"]["metrics"].push_back(metric("client_cpu_per_mb", "pass"));
  out["gate"]["metrics"].back()["gates"] = false;
  return out;
}

TEST_CASE("junit: of a gate each metric that gates is a test, and trials are none") {
  const auto text = rendered("junit", gate_run("fail"));
  CHECK(contains(text, "tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\""));
  CHECK(contains(text, "<testcase name=\"promises\""));
  CHECK(contains(text, "<failure message=\"18 % worse\""));
  CHECK_FALSE(contains(text, "client_cpu_per_mb"));
  auto broken = gate_run("fail");
  broken["gate"]["broken"] = {"pair 1, candidate: 3 acked-lost"};
  CHECK(
      contains(rendered("junit", broken), "<failure message=\"pair 1, candidate: 3 acked-lost\""));
}

TEST_CASE("a gate on a terminal and in a summary: what differs, each metric, void pairs") {
  for (const char* format : {"markdown", "text"}) {
    const auto gate = gate_run("unknown");
    const bool printed = std::string_view(format) == "text";
    const auto text = printed ? test::render_console(gate, {}) : rendered(format, gate);
    INFO(text);
    CHECK(contains(text, "INCONCLUSIVE"));
    CHECK(contains(text, "4.4.0"));
    CHECK(contains(text, "5 ms"));
    CHECK(contains(text, "+20 % (+11 % to +28 %)"));
    CHECK(contains(text, "a storm"));
    CHECK_FALSE(contains(text, "UNKNOWN"));
  }
}

TEST_CASE("markdown: verdict in the heading, what is asked first, names as plain text") {
  json run = record("quickstart");
  run["variants"][0]["asked"] = {
      {{"question", "p99(produce.response)"}, {"observed", "4.7 ms (1 trial)"}}};
  run["variants"][1]["asked"] = run["variants"][0]["asked"];
  const auto text = rendered("markdown", run);
  CHECK(text.starts_with("## PASS: "));
  CHECK(contains(text, "| variant | trials | p99(produce.response) | acked |"));
  CHECK(contains(text, "<details><summary>Environment</summary>"));
  const auto odd = rendered("markdown", hostile_run());
  CHECK(contains(odd, "a&#60;b&#62;&#38;\"'&#124;&#96;&#42;&#95;&#92;,{}"));
  CHECK_FALSE(contains(odd, "a<b>"));
}

// --- openmetrics ---

TEST_CASE("openmetrics: the judge's numbers, in seconds, and nothing where nothing is known") {
  const auto text = rendered("openmetrics", record("quickstart"));
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(contains(text,
                 "# TYPE seatrial_response_seconds summary\n# UNIT seatrial_response_seconds "
                 "seconds\n"));
  CHECK(contains(text,
                 "seatrial_acked_lost{scenario=\"quickstart\",variant=\"acks=1\",repeat="
                 "\"0\",workload=\"produce\"} 1978\n"));
  CHECK(contains(text, "seatrial_trial_verdict=\"pass\"} 1\n"));
  CHECK_FALSE(contains(text, "} nan"));
  CHECK_FALSE(contains(text, "} inf"));
  json doubtful = record("quickstart");
  for (auto& trial : doubtful["trials"]) trial["latency_unknown"] = {"others used the machine"};
  CHECK_FALSE(contains(rendered("openmetrics", doubtful), "seatrial_response_seconds"));
}

TEST_CASE("openmetrics: label values are escaped, and labels of one name stay two") {
  const auto text = rendered("openmetrics", hostile_run());
  CHECK(contains(text, "label_a_b=\"=a<b>&\\\"'|`*_\\\\,{}\\n "));
  CHECK(contains(text, "label_a_b_=\"2\""));
  CHECK(times_in(text, "# EOF\n") == 1);
}

// --- gbench ---

TEST_CASE("gbench: trials are repetitions, and aggregates are theirs") {
  json run = record("quickstart");
  json again = run["trials"][1];
  again["repeat"] = 1;
  again["index"] = 2;
  again["workloads"][0]["latency"]["response"]["percentiles"][2]["ns"] = 18'000'000;
  run["trials"][1]["workloads"][0]["latency"]["response"]["percentiles"][2]["ns"] = 14'000'000;
  for (auto* trial : {&run["trials"][1], &again}) {
    (*trial)["workloads"][0]["latency"]["response"]["censored"] = 0;
  }
  run["trials"].push_back(again);
  run["labels"] = {{"commit", "1f2e"}};
  const auto document = json::parse(rendered("gbench", run));
  CHECK(document.at("context").at("label.commit") == "1f2e");
  std::map<std::string, std::vector<json>> by_name;
  for (const auto& one : document.at("benchmarks")) by_name[one.at("name")].push_back(one);
  const std::string name = "quickstart/acks=all/produce/response_p99";
  REQUIRE(by_name[name].size() == 2);
  CHECK(by_name[name][1].at("repetition_index") == 1);
  CHECK(by_name[name][1].at("repetitions") == 2);
  CHECK(by_name[name][0].at("real_time") == 14e6);
  CHECK(by_name[name][0].at("items_per_second").get<double>() > 1000);
  CHECK(by_name[name][0].at("acked").get<double>() > 100'000);
  REQUIRE(by_name[name + "_mean"].size() == 1);
  CHECK(by_name[name + "_mean"][0].at("real_time") == 16e6);
  CHECK(by_name[name + "_stddev"][0].at("real_time").get<double>() == Approx(std::sqrt(8) * 1e6));
}

TEST_CASE("gbench: CPU is of the harness per message, and what is unknown is left out and said") {
  const auto document = json::parse(rendered("gbench", record("quickstart")));
  bool cpu = false;
  for (const auto& one : document.at("benchmarks")) {
    CHECK(one.at("real_time").get<double>() > 0);
    cpu = cpu || one.at("cpu_time").get<double>() > 100;
  }
  CHECK(cpu);
  json doubtful = record("quickstart");
  for (auto& trial : doubtful["trials"]) trial["latency_unknown"] = {"others used the machine"};
  const auto left = json::parse(rendered("gbench", doubtful));
  for (const auto& one : left.at("benchmarks"))
    CHECK(one.at("name").get<std::string>().find("response") == std::string::npos);
  CHECK(contains(left.at("context").at("seatrial_left_out").dump(), "others used the machine"));
}

// --- csv ---

TEST_CASE("csv: a value a row, by RFC 4180, and no formula") {
  const auto text = rendered("csv", record("quickstart"));
  CHECK(text.starts_with("trial,variant,repeat,workload,metric,unit,second,value\r\n"));
  CHECK(contains(text, "\r\n1,acks=1,0,produce,response.p99,ns,"));
  CHECK(contains(text, "\r\n1,acks=1,0,node 1,cpu,cores,"));
  CHECK(times_in(text, "\n") == times_in(text, "\r\n"));
  json odd = record("quickstart");
  odd["trials"][0]["variant"] = "=1+1,\"x\"";
  odd["trials"][0]["series"][0]["workload"] = " @SUM(A1)";
  CHECK(contains(rendered("csv", odd), "\r\n1,\"'=1+1,\"\"x\"\"\",0,' @SUM(A1),"));
}

// --- svg ---

TEST_CASE("svg: every chart of the page once, nothing from outside, and a style of its own") {
  const auto page = test::render_page(record("quickstart"));
  const auto text = rendered("svg", record("quickstart"));
  const int drawn = times_in(page, "<svg") - times_in(page, "<svg class=\"narrow\"");
  CHECK(drawn > 5);
  CHECK(times_in(text, "<svg") == drawn + 1);
  CHECK(times_in(text, "http") == 1);  // its own name space
  CHECK_FALSE(contains(text, "var(--"));
  CHECK_FALSE(contains(text, "#000"));  // each colour was found in the page's sheet
  CHECK(contains(rendered("svg", record("empty")), "There is nothing to draw"));
}

}  // namespace
}  // namespace seatrial::reports
