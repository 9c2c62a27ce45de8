// A line for each thing: its kind, a blank, its name.
#include "clusters/foreign_leftovers.hpp"

#include <unistd.h>

#include <algorithm>
#include <random>

#include "clusters/files.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view note_suffix = ".external";

bool carry(const std::vector<std::string>& names, const std::string& prefix) {
  return std::ranges::all_of(names, [&](const std::string& name) {
    return name.starts_with(prefix) && name.size() > prefix.size();
  });
}

}  // namespace

std::string foreign_prefix(const std::string& run_id) { return "seatrial-" + run_id + "-"; }

std::string to_text(const ForeignNote& note) {
  std::string out = "run " + note.run_id + "\nbootstrap " + note.bootstrap + "\n";
  if (!note.properties_file.empty()) out += "properties " + note.properties_file + "\n";
  for (const auto& topic : note.topics) out += "topic " + topic + "\n";
  for (const auto& group : note.groups) out += "group " + group + "\n";
  return out;
}

std::optional<ForeignNote> parse_note(std::string_view text) {
  ForeignNote note;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == text.npos) return std::nullopt;  // cut off
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto blank = line.find(' ');
    if (blank == line.npos) return std::nullopt;
    const auto what = line.substr(0, blank);
    const std::string name(line.substr(blank + 1));
    if (what == "run") note.run_id = name;
    else if (what == "bootstrap") note.bootstrap = name;
    else if (what == "properties") note.properties_file = name;
    else if (what == "topic") note.topics.push_back(name);
    else if (what == "group") note.groups.push_back(name);
    else return std::nullopt;
  }
  const std::string prefix = foreign_prefix(note.run_id);
  if (note.run_id.empty() || note.bootstrap.empty()) return std::nullopt;
  if (!carry(note.topics, prefix) || !carry(note.groups, prefix)) return std::nullopt;
  return note;
}

ForeignEntry::ForeignEntry(const ForeignNote& note) {
  std::random_device random;
  file_ = lock_folder() /
          (foreign_prefix(note.run_id) + std::to_string(random()) + std::string(note_suffix));
  write_file(file_, to_text(note), Readers::owner);
}

void ForeignEntry::forget() noexcept { unlink(file_.c_str()); }

std::vector<DeadNote> dead_notes(std::vector<std::string>& complaints, const fs::path& entries) {
  std::vector<DeadNote> out;
  if (const auto why = distrust(entries)) {
    complaints.push_back("could not look for topics that are left: " + *why);
    return out;
  }
  std::error_code absent;  // no lock folder: nothing ever ran
  for (const auto& file : fs::directory_iterator(entries, absent)) {
    if (!file.path().string().ends_with(note_suffix)) continue;
    auto note = parse_note(trusted_text(file.path()).value_or(""));
    if (!note) {
      complaints.push_back("could not read " + file.path().string() +
                           ": it is no note of topics that a run made; look at it and remove it");
    } else if (!run_is_alive(note->run_id)) {
      out.push_back({file.path(), std::move(*note)});
    }
  }
  return out;
}

}  // namespace seatrial::clusters
