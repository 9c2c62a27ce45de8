// Clocks of nodes that are processes here, each set apart by libfaketime: loaded into the process
// before its start, it reads from a file by how much to be wrong about the time of day. Clocks that
// count from a start are left as they are; where a clock runs faster or slower than this machine's,
// the library shortens or stretches waits by as much. Times of files it shows shifted likewise.
//
// Each reading of the time costs the process half a microsecond more, whether its clock is wrong or
// not: compare latencies only between clusters that both have it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/clocks.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

// Where this machine has the library, if it has.
std::optional<std::filesystem::path> find_faketime();
// Installs it by the launcher where it is missing.
Result<std::filesystem::path> prepare_faketime(const std::stop_token& stop);

// "2026-11-30T03:00:00.123+0100: 12.345 s", as JVMs begin the lines that they date: the time, in
// UTC.
std::optional<WallTime> parse_jvm_date(std::string_view text);

// The line that libfaketime reads: how far ahead, counted from the process's own start, and how
// fast. `age`: of the process, now; it has run at `rate` all along, as the library sees it.
std::string faketime_line(nanoseconds ahead, double rate, nanoseconds age);

class NodeClocks final : public Clocks {
 public:
  // `folder`: for a file of each node; it exists, and outlives this.
  NodeClocks(std::filesystem::path library, std::filesystem::path folder)
      : library_(std::move(library)), folder_(std::move(folder)) {}
  ~NodeClocks() override;
  NodeClocks(const NodeClocks&) = delete;
  NodeClocks& operator=(const NodeClocks&) = delete;

  // What the node's next process is to be started with.
  [[nodiscard]] std::map<std::string, std::string> environment(NodeId node);
  // To be told right after each start.
  void started(NodeId node, pid_t pid);

  void set(NodeId node, nanoseconds ahead, double rate) override;
  [[nodiscard]] ClockReading read(NodeId node) const override;

 private:
  struct Clock {
    pid_t pid = 0;
    nanoseconds ahead{0};
    double rate = 1;
    Instant since;  // when it was so far ahead
    [[nodiscard]] nanoseconds ahead_now() const;
  };
  [[nodiscard]] std::filesystem::path file(NodeId node) const;
  void write(NodeId node, const Clock& clock) const;

  std::filesystem::path library_, folder_;
  mutable std::mutex mutex_;
  std::map<NodeId, Clock> clocks_;
};

}  // namespace seatrial::clusters
