// The journal of a run: one JSON event a line, appended and handed to the kernel as it happens, so
// that a harness killed at any moment leaves a record that says how far it came. The run record is
// the fold of these events (run_record.hpp), live and afterwards, so there is one way from what
// happened to what is shown.
//
// Events, by "event":
//   run     {set: {...}}                            merged into the record
//   again   {trial: i}                              forgets trial i, which is to run once more
//   trial   {trial: i, set: {...}}                  merged into trial i, which it creates
//   append  {trial: i, to: KEY, items: [...]}       appended to the trial's list KEY
//   points  {trial: i, workload: W, points: [...]}  points of a series, in the place of those that
//                                                   begin within their time
//   fault   {trial: i, index: k, set: {...}}        merged into fault k of the trial
//
// A disk that takes nothing for a while loses nothing and holds up nothing: events and whole files
// wait in memory, and each later write tries them again. Only whoever cannot go on without them
// waits (`settle`).
//
// Every text goes through `redact` first, which takes secrets out; nothing else reads what is to be
// written. Thread-safe: the trial's thread and the timeline's thread both write.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "record/run_record.hpp"

namespace seatrial::record {

// What waits to be written beside the journal.
struct JournalFile {
  std::string name;
  std::string text;
  bool whole = true;  // false: it goes to the end of what is there
};

class Journal {
 public:
  // Creates `folder`/journal.jsonl, or goes on with the one that is there. Throws
  // InfrastructureError if it cannot.
  enum class Begin { anew, resume };
  using Redact = std::function<std::string(std::string)>;
  explicit Journal(const std::filesystem::path& folder, Redact redact = {},
                   Begin begin = Begin::anew);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void run(nlohmann::json set);
  void again(int trial);
  void trial(int trial, nlohmann::json set);
  void append(int trial, const std::string& key, nlohmann::json items);
  void points(int trial, const std::string& workload, nlohmann::json points);
  void fault(int trial, int index, nlohmann::json set);

  [[nodiscard]] RunRecord record() const;  // the fold so far; a copy
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // A whole file beside the journal, written behind all that came before it. It is not redacted.
  void file(const std::string& name, std::string text);
  // The same for what is written as it comes, at the end of a file that `file` began.
  void extend(const std::string& name, std::string text);
  // Tries what waits, until `budget` is over; for a few seconds only once `stop` is requested. What
  // is still unwritten and why, or nothing.
  [[nodiscard]] std::optional<std::string> settle(nanoseconds budget, const std::stop_token& stop);
  // The files that still wait (not the events, whose fold is the record) go to another folder.
  // What went wrong, or nothing.
  [[nodiscard]] std::optional<std::string> save_elsewhere(const std::filesystem::path& folder);

 private:
  void write(nlohmann::json event);
  void read_on(const std::filesystem::path& path);
  void flush();
  [[nodiscard]] std::optional<std::string> save(JournalFile& file) const;

  mutable std::mutex mutex_;
  const std::filesystem::path folder_;
  int file_ = -1;
  std::string events_;                                      // that wait
  std::vector<JournalFile> files_;                          // that wait
  std::optional<std::string> problem_;                      // why, in errno's words
  Redact redact_;
  RunRecord record_;
};

}  // namespace seatrial::record
