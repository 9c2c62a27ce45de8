// Notes of what runs made on others' clusters: what is believed, and of whom.
#include "clusters/foreign_leftovers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support/catch.hpp"

using namespace seatrial::clusters;
namespace fs = std::filesystem;

namespace {

ForeignNote note_of(const std::string& run) {
  return {.run_id = run,
          .bootstrap = "a:9092,b:9092",
          .properties_file = "/etc/client.properties",
          .topics = {foreign_prefix(run) + "1-orders", foreign_prefix(run) + "1-canary"},
          .groups = {foreign_prefix(run) + "1-readers"}};
}

struct Entries {
  fs::path folder = fs::temp_directory_path() / ("seatrial-notes-" + std::to_string(::getpid()));
  Entries() {
    fs::create_directories(folder);
    ::chmod(folder.c_str(), 0700);
  }
  ~Entries() { fs::remove_all(folder); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    ::chmod((folder / name).c_str(), 0600);
  }
};

}  // namespace

TEST_CASE("foreign leftovers: a note comes back as it was written, with no secret in it") {
  const auto note = note_of("run-1");
  CHECK(parse_note(to_text(note)) == note);
  auto plain = note;
  plain.properties_file.clear();
  CHECK(parse_note(to_text(plain)) == plain);
}

TEST_CASE("foreign leftovers: a note that names what is not its run's is believed in nothing") {
  auto note = note_of("run-1");
  note.topics.emplace_back("orders");
  CHECK_FALSE(parse_note(to_text(note)));
  note = note_of("run-1");
  note.groups.emplace_back("seatrial-run-2-1-readers");
  CHECK_FALSE(parse_note(to_text(note)));
  note = note_of("run-1");
  note.topics.emplace_back(foreign_prefix("run-1"));  // the prefix alone is no name
  CHECK_FALSE(parse_note(to_text(note)));
  CHECK_FALSE(parse_note(""));
  CHECK_FALSE(parse_note("run r\nbootstrap b\ntopic seatrial-r-x"));  // cut off
  CHECK_FALSE(parse_note("run r\nbootstrap b\nsecret x\n"));
  CHECK_FALSE(parse_note("bootstrap b\n"));
}

TEST_CASE("foreign leftovers: only notes of dead runs are handed out") {
  const Entries entries;
  const std::string alive = "alive-" + std::to_string(::getpid());
  const RunLock lock(entries.folder, alive);
  entries.put("a.external", to_text(note_of("dead-1")));
  entries.put("b.external", to_text(note_of(alive)));
  entries.put("c.external", "nonsense");
  entries.put("d.data", to_text(note_of("dead-2")));
  std::vector<std::string> complaints;
  const auto dead = dead_notes(complaints, entries.folder);
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].note == note_of("dead-1"));
  CHECK(dead[0].file == entries.folder / "a.external");
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].starts_with("could not read"));
  CHECK(complaints[0].find("c.external") != std::string::npos);
}

TEST_CASE("foreign leftovers: a folder that others may write to is believed in nothing") {
  const Entries entries;
  entries.put("a.external", to_text(note_of("dead-1")));
  ::chmod(entries.folder.c_str(), 0777);
  std::vector<std::string> complaints;
  CHECK(dead_notes(complaints, entries.folder).empty());
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].starts_with("could not look"));
}
