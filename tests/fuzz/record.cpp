// The record's reader: a run.json, or a journal if its first line is an event, is a record or an
// error. What was read is borne by every report there is, and each makes text that can be printed
// of it; the JSON report is the record itself, and the record reads the same again.
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/registry.hpp"
#include "core/save_file.hpp"
#include "fuzz/json_mutator.hpp"
#include "fuzz/properties.hpp"
#include "record/report.hpp"
#include "record/run_record.hpp"

using namespace seatrial;

namespace {

// In memory, since each input is written; gone with the process.
struct Folder {
  std::filesystem::path path = "/dev/shm/seatrial-fuzz-" + std::to_string(::getpid());
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

Result<record::LoadedRecord> load(std::string_view text) {
  static const Folder folder;
  const bool journal = text.substr(0, text.find('\n')).find("\"event\"") != text.npos;
  const auto file = folder.path / (journal ? "journal.jsonl" : "run.json");
  check(!save_file(file, std::string(text)), "the file is written");
  auto loaded = record::load_record(folder.path);
  std::filesystem::remove(file);
  return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = load(fuzz::text_of(data, size));
  if (!loaded) {
    fuzz::require_printable(loaded.error().message);
    return 0;
  }
  fuzz::require_printable(loaded->aside);
  for (const auto& [name, plugin] : Registry<Report>::instance().all()) {
    std::vector<OptionProblem> none;
    const auto text = plugin.make(Options::check(plugin.options, {}, none))->render(loaded->record);
    fuzz::require_printable(text);
    if (name == "json") check(text == loaded->record.text(), "JSON is the record");
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return fuzz::mutate_json(data, size, most, seed);
}
