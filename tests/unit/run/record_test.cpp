// The record is the fold of the journal: merged, appended, replaced by time; readable wherever it
// was cut.
#include "run/record.hpp"

#include <filesystem>
#include <fstream>

#include "run/journal.hpp"
#include "support/catch.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-record-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_run(const fs::path& folder) {
  Journal journal(folder);
  journal.run({{"run", {{"id", "x"}}}});
  journal.trial(0, {{"variant", "acks=1"}, {"status", "running"}});
  journal.points(0, "produce", {{{"t_s", 1}, {"acked", 5}}, {{"t_s", 0}, {"acked", 3}}});
  journal.points(0, "produce", {{{"t_s", 1}, {"acked", 9}}});
  journal.append(0, "leadership", {{{"t_s", 0.5}}});
  journal.append(0, "leadership", {{{"t_s", 0.7}}});
  journal.fault(0, 1, {{"action", "kill"}});
  journal.fault(0, 1, {{"status", "effective"}});
  journal.trial(0, {{"status", "finished"}, {"verdict", "pass"}});
}

TEST_CASE("events fold into the record") {
  const Folder folder;
  write_run(folder.path);
  const auto record = load_record(folder.path);
  REQUIRE(record);
  const json& trial = (*record)["trials"][0];
  CHECK((*record)["run"]["id"] == "x");
  CHECK(trial["verdict"] == "pass");
  CHECK(trial["series"][0]["points"] ==
        json::parse(R"([{"t_s":0,"acked":3},{"t_s":1,"acked":9}])"));
  CHECK(trial["leadership"].size() == 2);
  CHECK(trial["faults"][1] == json::parse(R"({"index":1,"action":"kill","status":"effective"})"));
}

TEST_CASE("bytes that are no text leave a record that can be written") {
  const Folder folder;
  Journal journal(folder.path);
  journal.trial(0, {{"error", "a log said \xff\xfe"}});
  CHECK(journal.record()["trials"][0]["error"] == "a log said \xef\xbf\xbd\xef\xbf\xbd");
  CHECK_NOTHROW(journal.record().dump(1));
}

TEST_CASE("a journal goes on after the last whole line, and forgets a trial that runs again") {
  const Folder folder;
  write_run(folder.path);
  const auto whole = slurp(folder.path / "journal.jsonl");
  std::ofstream(folder.path / "journal.jsonl", std::ios::app) << "{\"event\": \"tri";
  {
    Journal journal(folder.path, {}, Journal::Begin::resume);
    CHECK(journal.record()["trials"][0]["verdict"] == "pass");
    journal.again(0);
    journal.trial(0, {{"variant", "acks=all"}});
  }
  CHECK(slurp(folder.path / "journal.jsonl").starts_with(whole + "{"));
  const auto record = load_record(folder.path);
  REQUIRE(record);
  const json& trial = (*record)["trials"][0];
  CHECK(trial["variant"] == "acks=all");
  CHECK(trial["verdict"] == "unknown");  // it runs again
  CHECK_FALSE(trial.contains("faults"));
}

TEST_CASE("a journal cut anywhere still gives a record that says it is partial") {
  const Folder folder;
  write_run(folder.path);
  const std::string whole = slurp(folder.path / "journal.jsonl");
  for (std::size_t cut = 0; cut <= whole.size(); cut += 7) {
    std::ofstream(folder.path / "journal.jsonl", std::ios::binary | std::ios::trunc)
        << whole.substr(0, cut);
    const auto record = load_record(folder.path);
    REQUIRE(record);
    CHECK((*record)["partial"] == true);
    CHECK((*record)["verdict"]["overall"] == "unknown");
    for (const auto& trial : (*record)["trials"]) CHECK(trial.contains("verdict"));
  }
}

TEST_CASE("a folder without a run is an error that says what to do") {
  const Folder folder;
  const auto record = load_record(folder.path);
  REQUIRE(!record);
  CHECK(record.error().hint.find("results/latest") != std::string::npos);
}

TEST_CASE("a record of another schema is refused") {
  const Folder folder;
  write_atomically(folder.path / "run.json", R"({"schema": "seatrial.run/99"})");
  CHECK(!load_record(folder.path));
}

}  // namespace
}  // namespace seatrial::run
