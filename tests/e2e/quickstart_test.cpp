// The scenario of the README on real brokers, with both kinds of clusters: what acks=1 loses and
// acks=all does not, explained by the pause that was measured, on a page that says what the record
// says.
#include <csignal>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string unescaped(std::string text) {
  const std::pair<std::string, std::string> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities) {
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

std::string attribute(const std::string& page, const std::string& name, std::size_t from) {
  const auto begin = page.find(name + "=\"", from) + name.size() + 2;
  return unescaped(page.substr(begin, page.find('"', begin) - begin));
}

// Every figure of the page carries where it stands in the record and what stands there.
void page_equals_record(const std::string& page, const json& record) {
  std::size_t figures = 0;
  for (auto at = page.find("data-path="); at != std::string::npos;
       at = page.find("data-path=", at + 1)) {
    const std::string path = attribute(page, "data-path", at);
    const json shown = json::parse(attribute(page, "data-value", at), nullptr, false);
    const json::json_pointer pointer(path);
    INFO(path << " is shown as " << shown.dump());
    REQUIRE(record.contains(pointer));
    CHECK(record[pointer] == shown);
    ++figures;
  }
  CHECK(figures > 100);
}

const json& trial_of(const json& record, const std::string& acks) {
  for (const auto& trial : record.at("trials")) {
    if (trial.at("axes").at("acks") == acks) return trial;
  }
  FAIL("no trial has acks=" << acks);
  return record;
}

bool explained(const json& trial, const std::string& words) {
  for (const auto& sentence : trial.at("explanation")) {
    if (sentence.get<std::string>().find(words) != std::string::npos) return true;
  }
  return false;
}

// Both followers stood still, by the states of their processes, and the leader died meanwhile. How
// long they stood still is the machine's affair: what was asked for less the time it took to see.
void pause_is_proved(const json& trial) {
  const json& pause = trial.at("faults").at(0);
  const json& death = trial.at("faults").at(1);
  CHECK(pause.at("action") == "pause");
  CHECK(pause.at("status") == "effective");
  CHECK(death.at("action") == "kill");
  CHECK(death.at("status") == "effective");
  const double died_s = death.at("evidence").at("nodes").at(0).at("seen_s");
  CHECK(pause.at("evidence").at("nodes").size() == 2);
  for (const auto& node : pause.at("evidence").at("nodes")) {
    INFO(node.dump());
    CHECK(node.at("pid") > 0);
    CHECK(node.at("after").get<std::string>().starts_with("paused"));
    const double seen_s = node.at("seen_s");
    const double undone_s = node.at("undone_s");
    CHECK(seen_s < died_s);
    CHECK(undone_s > died_s);
    CHECK(node.at("held_ns") > (died_s - seen_s) * 1e9);
  }
}

// Of each node, in a container too: what it used, and that it spoke with others.
void nodes_were_sampled(const json& trial) {
  CHECK(trial.at("brokers").size() == 4);
  for (const auto& node : trial.at("brokers")) {
    INFO(node.dump());
    CHECK(node.at("cpu") > 0);
    CHECK(node.at("rss_max_bytes") > 0);
    if (node.at("role") == "controller") continue;  // locally it has no JMX that would tell
    CHECK(node.at("net_in_bytes") > 0);
    CHECK(node.at("net_out_bytes") > 0);
  }
}

// Whether a machine that stood still for a moment let the followers go on before the leader died.
bool came_too_late(const fs::path& results) {
  const json record = json::parse(read_file(results / "run.json"), nullptr, false);
  if (!record.is_object()) return false;
  for (const auto& trial : record.at("trials")) {
    const json faults = trial.value("faults", json::array());
    if (faults.size() != 2 || faults[1].at("status") != "effective") continue;
    const double died_s = faults[1].at("evidence").at("nodes").at(0).at("seen_s");
    for (const auto& node : faults[0].at("evidence").at("nodes")) {
      if (node.value("undone_s", died_s + 1) <= died_s) return true;
    }
  }
  return false;
}

// Again where the faults met in another order than planned.
Ended run_in_order(const std::string& kind, const fs::path& results) {
  Ended end;
  for (int attempt = 0; attempt < 3; ++attempt) {
    Harness run({.arguments = {"run", "scenarios/quickstart.yaml", "--cluster", kind, "--out",
                               results.string()},
                 .environment = {}});
    end = run.wait();
    if (!came_too_late(latest_run(results))) break;
  }
  return end;
}

// Measured when steady, or not shown as a figure.
void latency_is_of_a_steady_load(const json& trial) {
  const json& warmup = trial.at("warmup");
  INFO(warmup.dump());
  CHECK(warmup.at("lasted_ns") >= 5'000'000'000);
  CHECK((warmup.at("steady") == true || trial.contains("latency_unknown")));
  CHECK(trial.at("phases").at(0).at("from_s") == -warmup.at("lasted_ns").get<double>() / 1e9);
  CHECK(trial.at("generator").contains("foreign_cores"));
}

void try_quickstart(const std::string& kind) {
  const Folder folder;
  const Ended end = run_in_order(kind, folder.path());
  INFO(end.out << end.err);
  REQUIRE(end.exit_code == 0);
  const fs::path results = latest_run(folder.path());
  REQUIRE_FALSE(results.empty());
  const json record = json::parse(read_file(results / "run.json"));
  CHECK(record.at("run").at("id") == results.filename().string());
  CHECK(record.at("partial") == false);
  CHECK(record.at("cluster").at("kind") == kind);
  CHECK(record.at("verdict").at("overall") == "pass");
  const json& one = trial_of(record, "1");
  const json& all = trial_of(record, "all");
  for (const json* trial : {&one, &all}) {
    CHECK(trial->at("audit").at("status") == "complete");
    latency_is_of_a_steady_load(*trial);
    pause_is_proved(*trial);
    nodes_were_sampled(*trial);
  }
  CHECK(one.at("audit").at("totals").at("acked_lost") >= 100);
  CHECK(all.at("audit").at("totals").at("acked_lost") == 0);
  CHECK(explained(one, "rate x pause"));
  CHECK(explained(one, "plain kill"));
  const std::string page = read_file(results / "report.html");
  page_equals_record(page, record);
  CHECK(page.find("rate x pause") != std::string::npos);
  CHECK(left_by(results.filename().string(), kind == "compose") == std::vector<std::string>{});
}

TEST_CASE("quickstart on local brokers", "[alone]") { try_quickstart("local"); }

TEST_CASE("quickstart on compose", "[alone]") { try_quickstart("compose"); }

}  // namespace
}  // namespace seatrial::e2e
