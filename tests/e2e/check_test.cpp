// `seatrial check` as its users meet it: verdicts, exit codes, and what bad input is told.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;

Ended check(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "check");
  Harness run({.arguments = arguments, .cwd = root / "tests/golden/check", .environment = {}});
  return run.wait();
}

TEST_CASE("check tells valid, invalid and unknown by text, JSON and exit code", "[light]") {
  int count = 0;
  for (const auto& [name, code, valid] : {std::tuple{"valid", 0, nlohmann::json(true)},
                                          {"invalid", 1, nlohmann::json(false)},
                                          {"unknown", 2, nlohmann::json("unknown")}}) {
    ++count;
    const std::string file = std::string(name) + ".jsonl";
    INFO(file);
    const Ended text = check({file});
    CHECK(text.exit_code == code);
    CHECK(text.err.empty());
    test::compare_with_golden(text.out, "check/" + std::string(name) + ".txt");
    const Ended json = check({file, "--format", "json"});
    CHECK(json.exit_code == code);
    test::compare_with_golden(json.out, "check/" + std::string(name) + ".json");
    const auto parsed = nlohmann::json::parse(json.out);
    CHECK(parsed.contains("reasons") == (valid == "unknown"));
    CHECK(parsed.at("valid") == valid);
    CHECK(parsed.at("anomalies").is_object());
  }
  CHECK(count == 3);
}

TEST_CASE("check refuses what is no history with exit code 3, and judges nothing of it",
          "[light]") {
  const Folder folder;
  const std::string good = read_file(root / "tests/golden/check/valid.jsonl");
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"x\n", ":1:1: expected an operation"},
      {good + "{\"process\":0}\n", ": this operation has no 'type'"},
      {good.substr(0, good.size() - 9), "the file ends within this line, without a newline"},
      {good + std::string(3'000'000, '[') + "\n", ":13:1: expected an operation"},
      {good + "{\"a\":\"" + std::string(5'000'000, 'a') + "\n", "this string does not end"},
      {good + std::string("\0\0\0", 3) + "\n", "found byte 0x0"},
  };
  for (const auto& [text, words] : wrong) {
    const std::string path = folder.with("history.jsonl", text);
    const Ended end = seatrial({"check", path, "--format", "json"});
    INFO(words << "\n" << end.err.substr(0, 500));
    CHECK(end.exit_code == 3);
    CHECK(end.err.starts_with(path + ":"));
    CHECK(end.err.find(words) != std::string::npos);
    CHECK(end.err.size() < 2000);
    CHECK(nlohmann::json::parse(end.out).at("unreadable").size() == 1);
  }
  for (const auto& [arguments, words] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"check"}, "history"},
           {{"check", (folder / "none.jsonl").string()}, "cannot read"},
           {{"check", folder.with("h", good), "--lag", "soon"}, "--lag"},
           {{"check", folder.with("h", good), "--limit", "-1"}, "--limit: expected 0 (all)"},
           {{"check", folder.with("h", good), "--limit", "1e3"}, "--limit: expected 0 (all)"},
           {{"check", folder.with("h", good), "--format", "xml"}, "--format"}}) {
    const Ended end = seatrial(arguments);
    INFO(end.err);
    CHECK(end.exit_code == 3);
    CHECK(end.err.find(words) != std::string::npos);
  }
}

TEST_CASE("check finds no verdict in an empty file, and takes lines of any length", "[light]") {
  const Folder folder;
  const Ended empty = seatrial({"check", folder.with("empty.jsonl", "")});
  CHECK(empty.exit_code == 2);
  CHECK(empty.out.find("nothing was polled") != std::string::npos);
  const std::string value = "\"" + std::string(3'000'000, 'v') + "\"";
  const std::string path = folder.with(
      "long.jsonl", R"({"process":0,"type":"ok","f":"send","value":[["send",1,[0,)" + value +
                        "]]]}\n" +
                        R"({"process":1,"type":"ok","f":"poll","value":[["poll",{"1":[[0,)" +
                        value + "],[1," + value + "]]}]]}\n");
  const Ended text = seatrial({"check", path});
  CHECK(text.exit_code == 1);
  CHECK(text.out.find("duplicate") != std::string::npos);
  CHECK(text.out.size() < 2000);
  const Ended json = seatrial({"check", path, "--format", "json"});
  CHECK(nlohmann::json::parse(json.out).at("anomalies").contains("duplicate"));
}

TEST_CASE("check judges every history below a folder, and says whose a finding is", "[light]") {
  const Folder folder;
  const Ended none = seatrial({"check", folder.path().string()});
  CHECK(none.exit_code == 3);
  CHECK(none.err.find("holds no history*.jsonl") != std::string::npos);
  static_cast<void>(folder.with("history.edn", "{:type :ok}"));
  CHECK(seatrial({"check", folder.path().string()}).err.find("EDN") != std::string::npos);
  const fs::path golden = root / "tests/golden/check";
  fs::create_directories(folder / "trials/0");
  fs::copy_file(golden / "valid.jsonl", folder / "trials/0/history.jsonl");
  fs::copy_file(golden / "valid.jsonl", folder / "journal.jsonl");
  CHECK(seatrial({"check", folder.path().string()}).exit_code == 0);
  fs::copy_file(golden / "unknown.jsonl", folder / "history-1.jsonl");
  CHECK(seatrial({"check", folder.path().string()}).exit_code == 2);
  fs::copy_file(golden / "invalid.jsonl", folder / "history-2.jsonl");
  const Ended all = seatrial({"check", folder.path().string(), "--format", "json"});
  CHECK(all.exit_code == 1);
  const auto json = nlohmann::json::parse(all.out);
  CHECK(json.at("valid") == false);
  const auto& lost = json.at("anomalies").at("lost-write").at(0);
  CHECK(lost.at("history") == (folder / "history-2.jsonl").string());
}

TEST_CASE("check judges what it can read, whatever stands beside it", "[light]") {
  const Folder folder;
  const std::string golden = (root / "tests/golden/check").string();
  const std::string good = read_file(root / "tests/golden/check/valid.jsonl");
  fs::create_directories(folder / "a/b");
  fs::create_directories(folder / "history-folder.jsonl");
  const std::string cut = folder.with("history-cut.jsonl", good.substr(0, good.size() - 9));
  const std::string array = folder.with("a/b/history.json", "[]");
  static_cast<void>(folder.with("history.jsonl.zst", "\x28\xB5\x2F\xFD"));
  static_cast<void>(folder.with("history-2.jsonl", good));
  const Ended text = seatrial({"check", folder.path().string()});
  INFO(text.out << text.err);
  CHECK(text.exit_code == 3);
  CHECK(text.out.find("history-2.jsonl: valid") != std::string::npos);
  CHECK(text.out.find("history.json: unknown") != std::string::npos);
  CHECK(text.err.find(cut + ":") != std::string::npos);
  CHECK(text.err.find("zstd -d") != std::string::npos);
  const Ended json = seatrial({"check", cut, golden + "/invalid.jsonl", golden + "/valid.jsonl",
                               golden + "/./invalid.jsonl", "none.jsonl", "--format", "json"});
  INFO(json.out << json.err);
  CHECK(json.exit_code == 1);
  const auto parsed = nlohmann::json::parse(json.out);
  CHECK(parsed.at("valid") == false);
  CHECK(parsed.at("anomalies").at("lost-write").size() == 1);
  CHECK(parsed.at("unreadable").size() == 2);
  CHECK(parsed.at("unreadable").at(0).at("history") == cut);
  CHECK(parsed.at("skipped").at(0).at("process") == "nemesis");
}

TEST_CASE("check --format json prints JSON also where nothing could be judged", "[light]") {
  const Ended none = seatrial({"check", "none.jsonl", "--format", "json"});
  CHECK(none.exit_code == 3);
  const auto json = nlohmann::json::parse(none.out);
  CHECK(json.at("valid") == "unknown");
  CHECK(json.at("unreadable").at(0).at("history") == "none.jsonl");
  CHECK(none.err.find("cannot read none.jsonl") != std::string::npos);
}

TEST_CASE("check lists as many findings as are asked for, and says how many there are", "[light]") {
  const Ended one = check({"invalid.jsonl", "--format", "json", "--limit", "1"});
  CHECK(one.exit_code == 1);
  CHECK(nlohmann::json::parse(one.out).at("anomalies").at("G1a").size() == 1);
  CHECK(nlohmann::json::parse(one.out).at("not_listed").at("G1a") == 2);
  CHECK(one.err.find("G1a: 1 of 3 are listed") != std::string::npos);
  const Ended all = check({"invalid.jsonl", "--format", "json", "--limit", "0"});
  CHECK(nlohmann::json::parse(all.out).at("anomalies").at("G1a").size() == 3);
  CHECK(all.err.empty());
}

TEST_CASE("explain defines the anomalies of histories, and those that live trials share",
          "[light]") {
  const Ended lost = seatrial({"explain", "lost-write"});
  CHECK(lost.exit_code == 0);
  CHECK(lost.out.starts_with("lost-write (seatrial check): "));
  CHECK(lost.out.find("acked-lost") != std::string::npos);
  const Ended both = seatrial({"explain", "duplicate"});
  CHECK(both.out.starts_with("duplicate: "));
  CHECK(both.out.find("\nduplicate (seatrial check): ") != std::string::npos);
}

TEST_CASE("a history that nobody can get at is named, and not passed over", "[light]") {
  const Folder folder;
  static_cast<void>(
      folder.with("history-0.jsonl", read_file(root / "tests/golden/check/valid.jsonl")));
  fs::create_symlink("/nowhere/at/all", folder / "history-1.jsonl");
  REQUIRE(mkfifo((folder / "history-2.jsonl").c_str(), 0600) == 0);
  const Ended end = seatrial({"check", folder.path().string()});
  INFO(end.out << end.err);
  CHECK(end.exit_code == 3);
  CHECK((end.out + end.err).find("history-1.jsonl: No such file") != std::string::npos);
  CHECK((end.out + end.err).find("history-2.jsonl is no regular file") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::e2e
