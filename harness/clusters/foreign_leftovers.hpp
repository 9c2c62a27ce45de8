// What a trial makes on a cluster that goes on without it, noted beside the run locks before it is
// made, so that `seatrial down` finds it after a kill. A note names topics, groups and where they
// are; of secrets it has only the path of the file that holds them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clusters/leftovers.hpp"

namespace seatrial::clusters {

// Names of a run's trial begin with it: `seatrial-RUN-TRIAL-`.
[[nodiscard]] std::string foreign_prefix(const std::string& run_id);

struct ForeignNote {
  std::string run_id;
  std::string bootstrap;
  std::string properties_file;  // empty: plaintext
  std::vector<std::string> topics, groups;
  friend bool operator==(const ForeignNote&, const ForeignNote&) = default;
};
[[nodiscard]] std::string to_text(const ForeignNote& note);
// Nothing where it is no note, or names what does not carry its run's prefix: that is never
// touched.
[[nodiscard]] std::optional<ForeignNote> parse_note(std::string_view text);

// The note of one trial on disk, readable by its user alone. It stays until `forget`.
class ForeignEntry {
 public:
  // Throws InfrastructureError if it cannot be written.
  explicit ForeignEntry(const ForeignNote& note);
  void forget() noexcept;

 private:
  std::filesystem::path file_;
};

struct DeadNote {
  std::filesystem::path file;
  ForeignNote note;
};
// Those of runs that nobody has in progress. `complaints`: a line for each that cannot be judged.
[[nodiscard]] std::vector<DeadNote> dead_notes(
    std::vector<std::string>& complaints, const std::filesystem::path& entries = lock_folder());

}  // namespace seatrial::clusters
