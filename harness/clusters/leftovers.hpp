// What tells a run in progress from what a dead run left behind. A harness holds the lock of its
// run; the kernel lets go of it however the harness ends. Sweeps touch only things whose run lock
// nobody holds.
//
// Locks lie in one folder per user, whatever the results folder, as `seatrial down` may be called
// from anywhere. What runs is found by an exact label (a JVM argument, a container label), never
// by name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::clusters {

// Where locks and entries lie: a folder for each user. What others may have made or changed there
// is believed in nothing: then every run counts as alive, and nothing is removed.
[[nodiscard]] std::filesystem::path lock_folder();

// The complaint about a folder that others may have made or changed; nothing if it is ours, or not
// there.
[[nodiscard]] std::optional<std::string> distrust(const std::filesystem::path& folder);
// The text of a file in the lock folder; nothing if others may have written it.
[[nodiscard]] std::optional<std::string> trusted_text(const std::filesystem::path& file);

// Held for the life of a run. Taken as often as you like within one process (clusters take it too,
// so that none is ever without); released with the last holder.
class RunLock {
 public:
  // `results` is written into the lock file, for people. Throws InfrastructureError if another
  // process has a run of this id, or the lock cannot be made.
  RunLock(const std::filesystem::path& results, std::string run_id);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::string run_id_;
};

// Whether a live process holds the lock of that run.
[[nodiscard]] bool run_is_alive(const std::string& run_id);

// The JVM argument that labels our processes, and the run it names.
inline constexpr std::string_view run_argument = "-Dseatrial.run=";
// The environment variable that labels tools which go on making things after their harness is gone.
inline constexpr const char* run_variable = "SEATRIAL_TOOL_OF_RUN";
// The value of the first entry of a NUL-separated list that begins with `prefix`; empty if none
// does.
[[nodiscard]] std::string find_entry(std::string_view list, std::string_view prefix);

// Kills labelled processes of this user whose run is dead, and waits for their end. One line for
// each.
std::vector<std::string> sweep_processes();

// A folder for the data of one cluster and for what nobody else may read,
// `<root>/seatrial-<run id>-<random>`, of mode 0700. It is entered beside the run locks before it
// is made, and removed with all that is in it when the object goes.
class DataFolder {
 public:
  DataFolder(const std::filesystem::path& root, const std::string& run_id);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Removes it now; what went wrong, or nothing. Idempotent.
  std::optional<std::string> remove() noexcept;

 private:
  std::string run_id_;
  std::filesystem::path path_, entry_;
};

// Removes the data folders of dead runs, so far as they carry their run's label. One line for each.
// Of a folder of entries that is not this user's alone, the one line says so.
std::vector<std::string> sweep_data(const std::filesystem::path& entries = lock_folder());

// Who looks after the runs of this folder of locks: the user, and a number drawn once. Of things
// that others can see and whose runs have their locks elsewhere (containers of an engine that
// several machines share), this tells ours. Throws InfrastructureError.
std::string owner_of_runs();

}  // namespace seatrial::clusters
