// The record is the fold of the journal: merged, appended, replaced by time; readable wherever it
// was cut.
#include "record/run_record.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/save_file.hpp"
#include "record/journal.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::record {
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
  const json whole = test::document(record->record);
  const json& trial = whole["trials"][0];
  CHECK(test::document(record->record)["run"]["id"] == "x");
  CHECK(trial["verdict"] == "pass");
  CHECK(trial["series"][0]["points"] ==
        json::parse(R"([{"t_s":0,"acked":3},{"t_s":1,"acked":9}])"));
  CHECK(trial["leadership"].size() == 2);
  // An earlier program did not write what a kill does to its node.
  CHECK(trial["faults"][1] ==
        json::parse(R"({"index":1,"action":"kill","effect":"killed","status":"effective"})"));
}

TEST_CASE("bytes that are no text leave a record that can be written") {
  const Folder folder;
  Journal journal(folder.path);
  journal.trial(0, {{"error", "a log said \xff\xfe"}});
  CHECK(test::document(journal.record())["trials"][0]["error"] ==
        "a log said \xef\xbf\xbd\xef\xbf\xbd");
  CHECK_NOTHROW(journal.record().text());
}

TEST_CASE("a journal goes on after the last whole line, and forgets a trial that runs again") {
  const Folder folder;
  write_run(folder.path);
  const auto whole = slurp(folder.path / "journal.jsonl");
  std::ofstream(folder.path / "journal.jsonl", std::ios::app) << "{\"event\": \"tri";
  {
    Journal journal(folder.path, {}, Journal::Begin::resume);
    CHECK(test::document(journal.record())["trials"][0]["verdict"] == "pass");
    journal.again(0);
    journal.trial(0, {{"variant", "acks=all"}});
  }
  CHECK(slurp(folder.path / "journal.jsonl").starts_with(whole + "{"));
  const auto record = load_record(folder.path);
  REQUIRE(record);
  const json trial = test::document(record->record)["trials"][0];
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
    if (cut < whole.find('\n')) {  // not even the run's first event
      CHECK(!record);
      continue;
    }
    REQUIRE(record);
    CHECK(test::document(record->record)["partial"] == true);
    CHECK(test::document(record->record)["verdict"]["overall"] == "unknown");
    for (const View& trial : record->record["trials"].items()) CHECK(trial["verdict"]);
  }
}

TEST_CASE("a folder without a run is an error that says what to do") {
  const Folder folder;
  const auto record = load_record(folder.path);
  REQUIRE(!record);
  CHECK(record.error().hint.find("results/latest") != std::string::npos);
}

void put(const fs::path& path, const std::string& text) { REQUIRE_FALSE(save_file(path, text)); }

void end_run(const fs::path& folder) {
  Journal journal(folder, {}, Journal::Begin::resume);
  journal.run({{"run", {{"id", "x"}, {"finished_at", "2026-11-21T02:40:10Z"}}},
               {"partial", false},
               {"verdict", {{"overall", "pass"}, {"exit_code", 0}}}});
  put(folder / "run.json", journal.record().text());
}

TEST_CASE("a run.json that is no record is read from the journal beside it, and said to be") {
  const Folder folder;
  write_run(folder.path);
  end_run(folder.path);
  const std::string whole = slurp(folder.path / "run.json");
  const auto good = load_record(folder.path);
  REQUIRE(good);
  CHECK(good->aside.empty());
  for (const std::string& text :
       {std::string(), whole.substr(0, 1), whole.substr(0, whole.size() / 2),
        whole.substr(0, whole.size() - 3), std::string("[]"), std::string("null"), std::string("7"),
        std::string("\"text\""), std::string("{}"), std::string(R"({"schema": 7})"),
        std::string(R"({"schema": null})"),
        std::string(R"({"schema": "seatrial.run/1", "trials": 5})"),
        std::string(R"({"schema": "seatrial.run/1", "trials": [5]})"),
        std::string(R"({"schema": "seatrial.run/1", "run": []})")}) {
    put(folder.path / "run.json", text);
    INFO(text);
    const auto record = load_record(folder.path);
    REQUIRE(record);
    CHECK(record->record.text() == good->record.text());
    CHECK(test::document(record->record)["verdict"]["overall"] == "pass");
    CHECK(record->aside.find("read from the journal") != std::string::npos);
    CHECK(record->aside.find("another version") == std::string::npos);
  }
}

TEST_CASE("what holds nothing of a run is no record of one") {
  const Folder folder;
  for (const char* text : {"", "\n", "garbage", "garbage\ngarbage\n"}) {
    put(folder.path / "journal.jsonl", text);
    INFO(text);
    const auto record = load_record(folder.path);
    REQUIRE(!record);
    CHECK(record.error().message.find("journal.jsonl holds nothing of a run") != std::string::npos);
  }
  put(folder.path / "run.json", R"({"schema": "seatrial.run/1"})");
  CHECK(!load_record(folder.path));
}

TEST_CASE("a run.json that cannot be read at all leaves the journal") {
  const Folder folder;
  write_run(folder.path);
  end_run(folder.path);
  fs::remove(folder.path / "run.json");
  fs::create_directory(folder.path / "run.json");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  CHECK(test::document(record->record)["verdict"]["overall"] == "pass");
  CHECK(record->aside.find("Is a directory") != std::string::npos);
}

TEST_CASE("a run.json that is no record, with no journal beside it, is an error that says so") {
  const Folder folder;
  for (const auto& [text, words] :
       {std::pair{"{\"schema\": \"seat", "cut short"}, std::pair{"[]", "holds array"},
        std::pair{"null", "holds null"}, std::pair{R"({"schema": 7})", "the schema 7"},
        std::pair{"{}", "the schema null"}}) {
    put(folder.path / "run.json", text);
    const auto record = load_record(folder.path);
    REQUIRE(!record);
    INFO(record.error().message);
    CHECK(record.error().message.find(words) != std::string::npos);
    CHECK(record.error().hint.find("no journal.jsonl") != std::string::npos);
  }
}

TEST_CASE("a journal that another hand damaged is read up to there, and the line is named") {
  for (const std::string line :
       {"[]", "null", "7", "{\"event\": 7}", R"({"event": "run"})", R"({"event": "trial"})",
        R"({"event": "trial", "trial": -1, "set": {}})",
        R"({"event": "trial", "trial": 99999999999, "set": {}})",
        R"({"event": "trial", "trial": "0", "set": {}})",
        R"({"event": "fault", "trial": 0, "index": 1e18, "set": {}})",
        R"({"event": "points", "trial": 0, "workload": "w", "points": [7]})",
        "{\"event\": \"tri"}) {
    const Folder folder;
    write_run(folder.path);
    std::string text = slurp(folder.path / "journal.jsonl");
    text.insert(text.find('\n') + 1, line + "\n");
    put(folder.path / "journal.jsonl", text);
    INFO(line);
    const auto record = load_record(folder.path);
    REQUIRE(record);
    CHECK(test::document(record->record)["partial"] == true);
    CHECK(record->aside.find("journal.jsonl:2: damaged") != std::string::npos);
  }
}

TEST_CASE("a run that goes on is partial again, although its journal has an earlier end") {
  const Folder folder;
  write_run(folder.path);
  end_run(folder.path);
  {
    Journal journal(folder.path, {}, Journal::Begin::resume);
    journal.run({{"run", {{"id", "x"}}}, {"partial", true}});
  }
  fs::remove(folder.path / "run.json");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  CHECK(test::document(record->record)["partial"] == true);
  CHECK(test::document(record->record)["verdict"]["overall"] == "unknown");
}

// Stands for a full disk: writes fail, some of them half done.
struct NoFileBeyond {
  rlimit before{};
  explicit NoFileBeyond(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit less{.rlim_cur = bytes, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &less);
  }
  ~NoFileBeyond() { setrlimit(RLIMIT_FSIZE, &before); }
};

TEST_CASE("a disk that takes nothing for a while loses nothing") {
  const Folder folder;
  Journal journal(folder.path);
  journal.run({{"run", {{"id", "x"}}}});
  {
    const NoFileBeyond full(slurp(folder.path / "journal.jsonl").size() + 10);
    journal.trial(0, {{"variant", "acks=1"}});
    journal.file("run.json", std::string(500, 'x'));
    journal.file("a.hlog", std::string(500, 'y'));
    journal.trial(0, {{"status", "finished"}});
    const auto problem = journal.settle(milliseconds(300), {});
    REQUIRE(problem);
    CHECK(problem->find("File too large") != std::string::npos);
    CHECK_FALSE(fs::exists(folder.path / "run.json"));
    CHECK(test::document(journal.record())["trials"][0]["status"] == "finished");
  }
  CHECK_FALSE(journal.settle(seconds(0), {}));
  CHECK(slurp(folder.path / "run.json") == std::string(500, 'x'));
  CHECK(slurp(folder.path / "a.hlog") == std::string(500, 'y'));
  fs::remove(folder.path / "run.json");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  CHECK(test::document(record->record)["trials"][0]["variant"] == "acks=1");
  CHECK(test::document(record->record)["trials"][0]["status"] == "finished");
}

TEST_CASE("what a folder never takes can be saved in another") {
  const Folder folder;
  Journal journal(folder.path);
  fs::create_directory(folder.path / "run.json");  // no file gets there
  journal.file("run.json", "record");
  journal.file("a.hlog", "log");
  CHECK(journal.settle(seconds(0), {}));
  CHECK(slurp(folder.path / "a.hlog") == "log");  // one file that fails holds up no other
  fs::create_directory(folder.path / "elsewhere");
  CHECK_FALSE(journal.save_elsewhere(folder.path / "elsewhere"));
  CHECK(slurp(folder.path / "elsewhere/run.json") == "record");
}

TEST_CASE("a field that holds something else than it should is left out, and named") {
  const Folder folder;
  put(folder.path / "run.json", R"({"schema": "seatrial.run/1", "run": {"id": "x", "seed": "7"},
    "trials": [{"index": 0, "repeat": {}, "reasons": ["a", 7, "b"], "axes": {"acks": 1},
                "series": [{"workload": "w", "points": [{"t_s": 1.5, "acked": 2.5}]}],
                "workloads": [{"name": "w", "totals": {"acked": [], "own_fact": 3}}],
                "of_a_newer_program": {"x": [1]}}]})");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  const View trial = record->record.trial(0);
  CHECK_FALSE(record->record["run"]["seed"]);
  CHECK_FALSE(trial["repeat"]);
  CHECK(trial["reasons"].json() == R"(["a","b"])");
  CHECK(trial["axes"].size() == 0);
  CHECK(trial["series"].at(0)["points"].json() == R"([{"t_s":1.5}])");
  CHECK(trial["workloads"].at(0)["totals"].json() == R"({"own_fact":3})");
  CHECK(trial["of_a_newer_program"]["x"].size() == 1);
  CHECK(record->aside ==
        (folder.path / "run.json").string() +
            ": left out, as damaged: /run/seed holds string, not whole number, and 5 more");
}

TEST_CASE("a record of another schema is refused") {
  const Folder folder;
  write_run(folder.path);
  put(folder.path / "run.json", R"({"schema": "seatrial.run/99"})");
  const auto record = load_record(folder.path);
  REQUIRE(!record);
  CHECK(record.error().hint.find("another version") != std::string::npos);
}

TEST_CASE("a status that is no word is no reason to give up") {
  const Folder folder;
  put(folder.path / "journal.jsonl", R"({"event":"trial","trial":0,"set":{"status":5}})"
                                     "\n");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  CHECK_FALSE(record->record.trial(0)["status"]);
}

TEST_CASE("a status that is null is that of a trial that did not end") {
  const Folder folder;
  put(folder.path / "journal.jsonl", R"({"event":"trial","trial":0,"set":{"status":null}})"
                                     "\n");
  const auto record = load_record(folder.path);
  REQUIRE(record);
  CHECK(record->record.trial(0)["verdict"].is("unknown"));
}

TEST_CASE("what is nested beyond all sense is no record") {
  const Folder folder;
  const std::string deep(200'000, '['), ends(200'000, ']');
  put(folder.path / "run.json", R"({"schema":"seatrial.run/1","run":{"x":)" + deep + ends + "}}");
  const auto record = load_record(folder.path);
  REQUIRE(!record);
  CHECK(record.error().message.ends_with("nested deeper than any record"));
  put(folder.path / "journal.jsonl", R"({"event":"trial","trial":0,"set":{"a":1}})"
                                     "\n"
                                     R"({"event":"trial","trial":0,"set":{"b":)" +
                                         deep + ends + "}}\n");
  const auto journal = load_record(folder.path);
  REQUIRE(journal);
  CHECK_FALSE(journal->record.trial(0)["b"]);
}

TEST_CASE("a number of a trial that no scenario has is no event, and costs no memory") {
  const Folder folder;
  write_run(folder.path);
  const std::string whole = slurp(folder.path / "journal.jsonl");
  for (const char* event : {R"({"event":"again","trial":999999})",
                            R"({"event":"fault","trial":0,"index":999999,"set":{}})"}) {
    put(folder.path / "journal.jsonl", whole + event + "\n");
    const auto record = load_record(folder.path);
    REQUIRE(record);
    CHECK(record->record["trials"].size() == 1);
    CHECK(record->record.trial(0)["faults"].size() == 2);
  }
}

}  // namespace
}  // namespace seatrial::record
