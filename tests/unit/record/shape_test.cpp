// The table of the record's fields: what it takes out, what it does not know, and that the
// documentation and all who read records go by it. SEATRIAL_ACCEPT=1 writes record.md anew.
#include "record/shape.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "client/fact.hpp"
#include "compare/compare.hpp"
#include "compare/history.hpp"
#include "core/checker.hpp"
#include "core/registry.hpp"
#include "scenario/expectation.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/records.hpp"

namespace seatrial::record {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const Shape text(Shape::Kind::text), whole(Shape::Kind::whole);

TEST_CASE("what is not of its field's type is taken out, wherever it stands") {
  const Shape shape = Shape::object({{"name", text}, {"seeds", Shape::list_of(whole)}}, whole);
  json value{{"name", 7}, {"seeds", {1, "2", nullptr, 3.5}}, {"own", 4}, {"other", "x"}};
  CHECK(fit(value, shape) == std::vector<std::string>{"/name holds number, not text",
                                                      "/other holds string, not whole number",
                                                      "/seeds/1 holds string, not whole number",
                                                      "/seeds/3 holds number, not whole number"});
  CHECK(value == json{{"seeds", {1, nullptr}}, {"own", 4}});
  value = {{"\x1b[2J\x7f", "x"}};
  CHECK(fit(value, shape) ==
        std::vector<std::string>{"/\\u001b[2J\\u007f holds string, not whole number"});
  value = "no object";
  CHECK(fit(value, shape) == std::vector<std::string>{" holds string, not object"});
  CHECK(value.is_null());
}

TEST_CASE("fields that the table does not know stay, and are named") {
  const Shape shape = Shape::object({{"known", Shape::object({{"a", whole}})}});
  json value{{"known", {{"a", 1}, {"b/c", 2}}}, {"new", {{"x", 1}}}};
  CHECK(fit(value, shape).empty());
  CHECK(undeclared(value, shape) == std::vector<std::string>{"/known/b~1c", "/new"});
}

TEST_CASE("records kept of each kind hold what the table says") {
  for (const char* name : {"quickstart", "partial", "empty", "mock"}) {
    INFO(name);
    const auto path = test::golden_path("reports/" + std::string(name) + ".run.json");
    test::check_shape(json::parse(test::read_whole(path)));
  }
}

constexpr std::string_view begins = "<!-- fields begin -->\n", ends = "<!-- fields end -->";

TEST_CASE("the description of the record is made from its table") {
  const auto path = fs::path(SEATRIAL_ROOT) / "harness/record/record.md";
  const std::string document = test::read_whole(path);
  const auto from = document.find(begins), to = document.find(ends);
  REQUIRE(from != document.npos);
  REQUIRE(to != document.npos);
  const auto start = from + begins.size();
  const std::string fields = "\n```\n" + describe(record_shape()) + "```\n\n";
  if (std::getenv("SEATRIAL_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary)
        << document.substr(0, start) << fields << document.substr(to);
    return;
  }
  INFO("SEATRIAL_ACCEPT=1 in the environment writes it anew");
  CHECK(document.substr(start, to - start) == fields);
}

void add_names(const Shape& shape, std::set<std::string>& out) {
  for (const Field& field : shape.fields()) {
    out.insert(field.name);
    add_names(field.shape, out);
  }
  if (shape.element() != nullptr) add_names(*shape.element(), out);
}

std::set<std::string> all_names() {
  std::set<std::string> out;
  add_names(record_shape(), out);
  for (const auto& name : Registry<Fact>::instance().names()) out.insert(name);
  for (const auto& name : Registry<Checker>::instance().names())
    out.insert(scenario::metric_of_checker(name));
  // Keys of maps: latencies, the client's settings, and parts of requests.
  out.insert({"response", "service", "lateness", "end_to_end", "acks", "produce"});
  return out;
}

void add_keys(const json& document, std::set<std::string>& out) {
  if (document.is_object())
    for (const auto& [key, value] : document.items()) out.insert(key);
  if (document.is_structured())
    for (const auto& value : document) add_keys(value, out);
}

// Of the document that comparisons are rendered from; of a run with itself, repeated.
std::set<std::string> names_of_comparison() {
  json record = json::parse(test::read_whole(test::golden_path("reports/quickstart.run.json")));
  const json trials = record.at("trials");
  for (int repeat = 0; repeat < 3; ++repeat)
    for (const auto& trial : trials) record["trials"].push_back(trial);
  std::set<std::string> out;
  add_keys(compare::compare({{"a", View(record)}, {"b", View(record)}}), out);
  return out;
}

void scale_latencies(json& record, int factor) {
  for (auto& trial : record["trials"])
    for (auto& workload : trial["workloads"])
      for (auto& latency : workload["latency"])
        for (auto& percentile : latency["percentiles"])
          percentile["ns"] = percentile["ns"].get<std::int64_t>() * factor;
}

// The same of histories; of a run again and again, whose latencies are threefold later on.
std::set<std::string> names_of_history() {
  compare::History history;
  json record = json::parse(test::read_whole(test::golden_path("reports/quickstart.run.json")));
  for (int run = 0; run < 12; ++run) {
    record["run"]["started_at"] = "2026-01-" + std::to_string(10 + run) + "T00:00:00Z";
    if (run == 6) scale_latencies(record, 3);
    CHECK(history.add("a", View(record)) == std::nullopt);
  }
  std::set<std::string> out;
  add_keys(history.describe(), out);
  CHECK(out.contains("before"));
  return out;
}

// A misspelt key reads as absent, and absent reads as unknown: nothing else would notice.
TEST_CASE("what is read of a record is a field that it has") {
  auto known = all_names();
  known.merge(names_of_comparison());
  known.merge(names_of_history());
  const std::regex key(R"re(\["(\w+)"\])re");
  for (const char* folder : {"harness/judge", "reports"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SEATRIAL_ROOT) / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      const std::string source = test::read_whole(entry.path());
      for (std::sregex_iterator at(source.begin(), source.end(), key), end; at != end; ++at) {
        INFO(entry.path().string() << ": " << (*at)[1]);
        CHECK(known.contains((*at)[1]));
      }
    }
  }
}

}  // namespace
}  // namespace seatrial::record
