// The binary as a user runs it: started with arguments, watched from outside, interrupted or
// killed; and what it must not leave behind, looked for without the code under test.
//
//   Harness run({.arguments = {"run", "scenarios/smoke.yaml"}});
//   REQUIRE(run.wait_for("measure"));
//   run.signal(SIGKILL);
//   CHECK(run.wait().by_signal == SIGKILL);
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace seatrial::e2e {

inline const std::filesystem::path root = SEATRIAL_ROOT;

// A folder of its own, gone with the object. Its name has a space in it, as folders may.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file into it and returns its path.
  [[nodiscard]] std::string with(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

struct Invocation {
  std::vector<std::string> arguments;
  std::filesystem::path cwd = root;
  std::map<std::string, std::string> environment;  // on top of this process's
};

struct Ended {
  int exit_code = -1;  // -1: it did not exit by itself
  int by_signal = 0;
  std::string out, err;
};

class Harness {
 public:
  explicit Harness(const Invocation& invocation);
  ~Harness();  // kills what still runs
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  [[nodiscard]] bool running();
  // SIGINT goes to all of its process group, as a terminal's Ctrl-C does; the others to it alone.
  void signal(int number) const;
  // Its end; whoever waits longer than `limit` gets one with neither code nor signal.
  [[nodiscard]] Ended wait(nanoseconds limit = std::chrono::minutes(15));
  // Until it printed `text`, or `holds`; false if it ended or `limit` passed before.
  [[nodiscard]] bool wait_for(const std::string& text, nanoseconds limit = seconds(240));
  [[nodiscard]] bool wait_until(const std::function<bool()>& holds,
                                nanoseconds limit = seconds(240));
  [[nodiscard]] std::string out() const;

 private:
  Folder folder_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

// Runs it to its end.
[[nodiscard]] Ended seatrial(const std::vector<std::string>& arguments);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);

// The run's folder under `results`, as results/latest names it; empty before there is one.
[[nodiscard]] std::filesystem::path latest_run(const std::filesystem::path& results);
// The record of a run, also of one in progress, as `seatrial report --format json` prints it.
[[nodiscard]] nlohmann::json record_of(const std::filesystem::path& run);

// Processes, data folders, containers and networks that carry the run's label, a line for each.
// Containers are asked for where an engine answers; `must_ask` makes it a line if none does.
[[nodiscard]] std::vector<std::string> left_by(const std::string& run_id, bool must_ask = false);
// Brokers' processes of the run (JVMs by their label) and the state letters of /proc.
struct LabelledProcess {
  int pid = 0;
  char state = '?';
};
[[nodiscard]] std::vector<LabelledProcess> processes_of(const std::string& run_id);

}  // namespace seatrial::e2e
