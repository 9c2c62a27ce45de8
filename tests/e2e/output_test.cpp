// Where the output goes, and what becomes of it when that takes nothing: a full disk, a device that
// refuses, a reader that is gone, a folder of somebody else's, a terminal that is narrow or dumb.
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using test::contains;

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* short_run = R"(name: short
cluster: {kind: mock, brokers: 1}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s}
phases: {warmup: {at_least: 300ms, at_most: 300ms}, measure: 2s}
)";

// What a shell does, with the binary as $SEATRIAL.
Ended shell(const Folder& folder, const std::string& script) {
  const std::string out = (folder / "shell.out").string(), err = (folder / "shell.err").string();
  const std::string command = "export SEATRIAL=" SEATRIAL_BINARY " SEATRIAL_HOME='" +
                              root.string() + "'; cd '" + folder.path().string() + "' && {\n" +
                              script + "\n} >'" + out + "' 2>'" + err + "'";
  const int status = std::system(command.c_str());
  Ended end;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  end.out = read_file(out);
  end.err = read_file(err);
  return end;
}

// A whole run in `folder`/run, of which only the files are needed.
void make_run(const Folder& folder) {
  const Ended end = shell(folder, "$SEATRIAL run '" + folder.with("short.yaml", short_run) +
                                      "' --out results && cp -r results/latest/ run");
  INFO(end.out << end.err);
  REQUIRE(end.exit_code == 0);
}

const std::vector<std::string> asking_verbs{"plan scenarios/smoke.yaml",
                                            "plan scenarios/smoke.yaml --format json",
                                            "validate scenarios/smoke.yaml",
                                            "list",
                                            "list faults",
                                            "explain acked-lost",
                                            "schema",
                                            "doctor",
                                            "--help",
                                            "run --help",
                                            "--version"};

TEST_CASE("no verb ends well that could not print what it was asked for", "[light]") {
  const Folder folder;
  const std::string in_root = "cd '" + root.string() + "'; ";
  for (const auto& verb : asking_verbs) {
    for (const auto& [where, words] :
         {std::pair{"> /dev/full", "No space left on device"},
          std::pair{">&-", "Bad file descriptor"}, std::pair{"> >(true)", ""},
          std::pair{"1< /dev/null", "Bad file descriptor"}}) {
      const bool to_nobody = *words == '\0';
      const std::string command = "$SEATRIAL " + verb + " ";
      const Ended end =
          shell(folder, in_root + (to_nobody ? "{ sleep 1; " + command + "; echo $? >&2; } | true"
                                             : command + where));
      INFO(verb << " " << where << "\n" << end.out << end.err);
      CHECK(contains(end.err, "cannot write to standard output: " +
                                  std::string(to_nobody ? "Broken pipe" : words)));
      if (to_nobody) CHECK_FALSE(end.err.ends_with("\n0\n"));
      else CHECK(end.exit_code != 0);
      CHECK(end.out.empty());
    }
  }
}

TEST_CASE("a run whose output goes nowhere keeps its record and does not end well") {
  const Folder folder;
  const Ended end = shell(folder, "$SEATRIAL run '" + folder.with("short.yaml", short_run) +
                                      "' --out results > /dev/full");
  INFO(end.err);
  CHECK(end.exit_code == 4);
  CHECK(contains(end.err, "cannot write to standard output: No space left on device"));
  CHECK(fs::exists(folder / "results/latest/run.json"));
  CHECK(fs::exists(folder / "results/latest/report.html"));
}

TEST_CASE("a run with closed descriptors starts nothing, and writes into no file of its own") {
  const Folder folder;
  const Ended end = shell(
      folder, "$SEATRIAL run '" + folder.with("short.yaml", short_run) + "' --out results >&-");
  CHECK(end.exit_code == 4);
  CHECK_FALSE(fs::exists(folder / "results"));
  const Ended silent = shell(folder, "$SEATRIAL run short.yaml --out results 2>&- <&- > /dev/null");
  CHECK(silent.exit_code == 0);
  std::istringstream journal(read_file(folder / "results/latest/journal.jsonl"));
  for (std::string line; std::getline(journal, line);) CHECK(json::accept(line));
}

TEST_CASE("a run that somebody else made is read without writing to it") {
  const Folder folder;
  make_run(folder);
  fs::remove(folder / "run/report.html");
  // Bound read-only where this user may not simply be refused, as root may not.
  const Ended end = shell(folder, R"(unshare -m sh -c '
    mount --bind run run && mount -o remount,bind,ro run || exit 77
    $SEATRIAL report run; echo "code $?"
    $SEATRIAL report run --out elsewhere.html; echo "code $?"
    $SEATRIAL report run --format html --out other.html; echo "code $?"
    $SEATRIAL report run --format json > run.json; echo "code $?"')");
  if (end.exit_code == 77 || contains(end.err, "unshare")) SEATRIAL_SKIP("may not mount here");
  INFO(end.out << end.err);
  CHECK(contains(end.out, "PASS"));
  CHECK(contains(end.out, "page: elsewhere.html\ncode 0"));
  CHECK(contains(end.err, "cannot write run/report.html: Read-only file system; --out FILE"));
  CHECK_FALSE(contains(end.out, "code 3"));
  CHECK_FALSE(contains(end.out, "code 4"));
  CHECK(contains(read_file(folder / "elsewhere.html"), "<!doctype html>"));
  CHECK(contains(read_file(folder / "other.html"), "<!doctype html>"));
  CHECK(json::accept(read_file(folder / "run.json")));
}

TEST_CASE("a page that was asked for elsewhere and cannot be written there ends with 4") {
  const Folder folder;
  make_run(folder);
  const Ended end = shell(folder, "$SEATRIAL report run --out none/page.html");
  CHECK(end.exit_code == 4);
  CHECK(contains(end.out, "PASS"));
  CHECK(contains(end.err, "cannot write none/page.html: No such file or directory"));
  const Ended device = shell(folder, "$SEATRIAL report run --out /dev/full");
  CHECK(device.exit_code == 4);
  CHECK(contains(device.err, "cannot write /dev/full: No space left on device"));
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a page is not written over what a run recorded") {
  const Folder folder;
  make_run(folder);
  for (const std::string file : {"run.json", "journal.jsonl"}) {
    const std::string before = read_file(folder / ("run/" + file));
    const Ended end = shell(folder, "$SEATRIAL report run --out run/" + file);
    CHECK(end.exit_code == 3);
    CHECK(contains(end.err, "is a file of the run itself"));
    CHECK(read_file(folder / ("run/" + file)) == before);
  }
  CHECK(shell(folder, "$SEATRIAL report run --out run/again.html").exit_code == 0);
}

TEST_CASE("one format alone is printed or written, and --out takes any") {
  const Folder folder;
  make_run(folder);
  fs::remove(folder / "run/report.html");
  const Ended text = shell(folder, "$SEATRIAL report run --format text");
  CHECK(text.exit_code == 0);
  CHECK(contains(text.out, "PASS"));
  CHECK_FALSE(contains(text.out, "page:"));
  CHECK_FALSE(fs::exists(folder / "run/report.html"));
  const Ended printed = shell(folder, "$SEATRIAL report run --format json");
  CHECK(json::accept(printed.out));
  const Ended written = shell(folder, "$SEATRIAL report run --format json --out here.json");
  CHECK(written.exit_code == 0);
  CHECK(written.out.empty());
  CHECK(read_file(folder / "here.json") == printed.out);
  CHECK(shell(folder, "$SEATRIAL report run --format json --out run/run.json").exit_code == 3);
  CHECK(shell(folder, "$SEATRIAL report run --format json --out run/again.json").exit_code == 0);
  const Ended page = shell(folder, "$SEATRIAL report run --format html --trial 1");
  CHECK(page.out == "page: run/trials/1.html\n");
  CHECK_FALSE(fs::exists(folder / "run/report.html"));
}

TEST_CASE("a page that cannot be written leaves the verdict printed") {
  const Folder folder;
  make_run(folder);
  fs::remove(folder / "run/report.html");
  fs::create_directory(folder / "run/report.html");
  const Ended end = shell(folder, "$SEATRIAL report run");
  INFO(end.out << end.err);
  CHECK(end.exit_code == 4);
  CHECK(contains(end.out, "PASS"));
  CHECK(contains(end.err, "report.html: Is a directory"));
}

TEST_CASE("a run.json that is cut short or no record is read from its journal, or named") {
  const Folder folder;
  make_run(folder);
  const std::string whole = read_file(folder / "run/run.json");
  for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string("[]"),
                                  std::string("null"), std::string(R"({"schema": 1})")}) {
    std::ofstream(folder / "run/run.json") << text;
    const Ended end = shell(folder, "$SEATRIAL report run");
    INFO(text.substr(0, 40) << "\n" << end.out << end.err);
    CHECK(end.exit_code == 0);
    CHECK(contains(end.out, "PASS"));
    CHECK(contains(end.err, "read from the journal"));
    CHECK_FALSE(contains(end.err, "exception"));
  }
  fs::remove(folder / "run/journal.jsonl");
  const Ended end = shell(folder, "$SEATRIAL report run");
  CHECK(end.exit_code == 3);
  CHECK(contains(end.err, "has the schema 1"));
}

// `room`: the size of the disk; `meanwhile`: what else happens on it while the run goes on.
Ended run_on_tiny_disk(const Folder& folder, const std::string& meanwhile) {
  static_cast<void>(folder.with("short.yaml", short_run));
  fs::create_directory(folder / "disk");
  return shell(folder,
               "unshare -m sh -c '"
               "mount -t tmpfs -o size=4m tmpfs disk || exit 77\n" +
                   meanwhile +
                   "\nTMPDIR=\"$PWD\" $SEATRIAL run short.yaml --out disk/results\n"
                   "echo \"code $?\"; wait; cp -r disk/results/latest/ kept'");
}

bool may_not_mount(const Ended& end) { return end.exit_code == 77 || contains(end.err, "unshare"); }

TEST_CASE("a disk that is full for seconds costs a run nothing") {
  const Folder folder;
  const Ended end = run_on_tiny_disk(
      folder,
      "{ until [ -e disk/results/latest/journal.jsonl ]; do sleep 0.1; done; sleep 0.5;"
      " cat /dev/zero > disk/fill; sleep 6; rm disk/fill; } 2> /dev/null &");
  if (may_not_mount(end)) SEATRIAL_SKIP("may not mount here");
  INFO(end.out << end.err);
  CHECK(contains(end.out, "code 0"));
  CHECK(contains(end.out, "PASS"));
  CHECK(contains(end.err, ": No space left on device; it waits in memory"));
  CHECK(contains(end.err, "nothing was lost"));
  const json record = json::parse(read_file(folder / "kept/run.json"), nullptr, false);
  REQUIRE(record.is_object());
  CHECK(record.at("verdict").at("overall") == "pass");
  fs::remove(folder / "kept/run.json");
  CHECK(record_of(folder / "kept") == record);
}

TEST_CASE("a disk that stays full costs a run its folder, not its record") {
  const Folder folder;
  const Ended end = run_on_tiny_disk(
      folder,
      "{ until [ -e disk/results/latest/journal.jsonl ]; do sleep 0.1; done; sleep 0.5;"
      " cat /dev/zero > disk/fill; } 2> /dev/null &");
  if (may_not_mount(end)) SEATRIAL_SKIP("may not mount here");
  INFO(end.out << end.err);
  CHECK(contains(end.out, "code 4"));
  CHECK(contains(end.out, "PASS"));
  const auto at = end.err.find("the record of this run is in ");
  REQUIRE(at != std::string::npos);
  const auto from = at + std::string("the record of this run is in ").size();
  const std::string elsewhere = end.err.substr(from, end.err.find('\n', from) - from);
  CHECK(record_of(elsewhere).at("verdict").at("overall") == "pass");
  CHECK(fs::exists(fs::path(elsewhere) / "report.html"));
}

// What a run prints on a terminal of that many columns.
std::string on_terminal(const Folder& folder, unsigned short columns, const std::string& term) {
  winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int ours = -1;
  const pid_t pid = forkpty(&ours, nullptr, nullptr, &size);
  if (pid == 0) {
    setenv("TERM", term.c_str(), 1);
    setenv("SEATRIAL_HOME", root.c_str(), 1);
    unsetenv("COLUMNS");
    unsetenv("NO_COLOR");
    const std::string scenario = (folder / "short.yaml").string();
    const std::string results = (folder / "results").string();
    execl(SEATRIAL_BINARY, SEATRIAL_BINARY, "run", scenario.c_str(), "--out", results.c_str(),
          static_cast<char*>(nullptr));
    _exit(127);
  }
  REQUIRE(pid > 0);
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t n = 0; (n = read(ours, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(n));
  waitpid(pid, nullptr, 0);
  close(ours);
  return text;
}

TEST_CASE("the live line never wraps, and a dumb terminal gets no escapes") {
  const Folder folder;
  static_cast<void>(folder.with("short.yaml", short_run));
  const std::string narrow = on_terminal(folder, 45, "xterm");
  CHECK(contains(narrow, "\x1b["));
  std::size_t lines = 0;
  for (auto at = narrow.find("\r\x1b[K"); at != std::string::npos;
       at = narrow.find("\r\x1b[K", at + 1)) {
    const auto begin = at + 4;
    const auto end = narrow.find_first_of("\r\n", begin);
    INFO(narrow.substr(begin, end - begin));
    CHECK(end - begin < 45);
    ++lines;
  }
  CHECK(lines > 3);
  const std::string dumb = on_terminal(folder, 45, "dumb");
  INFO(dumb);
  CHECK_FALSE(contains(dumb, "\x1b"));
  CHECK(contains(dumb, "PASS"));
}

}  // namespace
}  // namespace seatrial::e2e
