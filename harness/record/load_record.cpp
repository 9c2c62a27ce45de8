// Finding the record of a run folder: in run.json or, where that is no record, in the journal.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "core/read_file.hpp"
#include "record/run_record.hpp"
#include "record/shape.hpp"

namespace seatrial::record {
namespace {

using nlohmann::json;

// Nothing if there is no such file.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && (!error || error == std::errc::not_a_directory))
    return std::optional<std::string>();
  auto text = read_file(path);
  if (!text) return Error{"cannot read " + path.string() + ": " + text.error().message, ""};
  return std::optional(std::move(*text));
}

// The same for what is too large to be read at once.
Result<std::optional<std::ifstream>> open_if_there(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && (!error || error == std::errc::not_a_directory))
    return std::optional<std::ifstream>();
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, error))
    return Error{"cannot read " + path.string() + ": " + std::strerror(errno), ""};
  return std::optional(std::move(in));
}

bool of_another_version(const std::string& text) {
  const json document = parse(text);
  const std::string other = View(document)["schema"].text();
  return other != schema && other.starts_with("seatrial.run/");
}

void add_line(std::string& text, const std::string& line) {
  text += (text.empty() || line.empty() ? "" : "\n") + line;
}

// Of fields that hold something else than they should, the first, and how many more.
std::string text_of(const std::filesystem::path& path, const std::vector<std::string>& taken_out) {
  if (taken_out.empty()) return "";
  const std::string more =
      taken_out.size() > 1 ? ", and " + std::to_string(taken_out.size() - 1) + " more" : "";
  return path.string() + ": left out, as damaged: " + taken_out.front() + more;
}

Result<LoadedRecord> load_journal(const std::filesystem::path& path, std::ifstream lines) {
  LoadedRecord loaded;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (loaded.record.apply(parse(line))) continue;
    // Nothing after it can be trusted. The last line may be cut short: whoever was killed did that.
    if (!lines.eof() && lines.peek() != std::char_traits<char>::eof()) {
      loaded.aside = path.string() + ":" + std::to_string(number) +
                     ": damaged; what comes after this line is left out";
    }
    break;
  }
  if (lines.bad()) loaded.aside = path.string() + ": cannot be read to its end";
  std::vector<std::string> taken_out;
  if (const auto why = loaded.record.mend(taken_out); !why.empty())
    return Error{path.string() + " " + why, "it is damaged: run the scenario again"};
  add_line(loaded.aside, text_of(path, taken_out));
  loaded.record.close();
  return loaded;
}

}  // namespace

Result<LoadedRecord> load_record(const std::filesystem::path& folder) {
  const auto path = folder / "run.json";
  const auto text = read_if_there(path);
  std::string why = text ? "" : text.error().message;
  if (text && *text) {
    std::vector<std::string> taken_out;
    auto record = RunRecord::read(**text, taken_out);
    if (record) return LoadedRecord{std::move(*record), text_of(path, taken_out)};
    why = path.string() + " " + record.error().message;
    if (of_another_version(**text)) {
      return Error{why, "it was written by another version of seatrial; use that one to read it"};
    }
  }
  auto journal = open_if_there(folder / "journal.jsonl");
  if (!journal) return journal.error();
  if (!*journal && !why.empty()) {
    return Error{why, "no journal.jsonl is beside it, from which it could be read again"};
  }
  if (!*journal) {
    return Error{folder.string() + " holds no run: neither run.json nor journal.jsonl is there",
                 "name a folder under results/, such as results/latest"};
  }
  auto loaded = load_journal(folder / "journal.jsonl", std::move(**journal));
  if (loaded && !why.empty()) {
    std::string aside = why + ": what follows is read from the journal beside it";
    add_line(aside, loaded->aside);
    loaded->aside = std::move(aside);
  }
  return loaded;
}

}  // namespace seatrial::record
