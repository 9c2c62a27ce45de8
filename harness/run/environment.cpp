// Reading the machine from /proc and /etc.
#include "run/environment.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kafka/config.hpp"

namespace seatrial::run {
namespace {

// The value after `key` and its separator in a `key: value` or `key=value` file; empty if there is
// none.
std::string lookup(const char* path, const std::string& key, char separator) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    const auto begin = line.find_first_not_of(" \t\"", at + 1);
    const auto end = line.find_last_not_of(" \t\"");
    if (begin == std::string::npos || end < begin) return {};
    return line.substr(begin, end - begin + 1);
  }
  return {};
}

std::string format_utc(std::chrono::system_clock::time_point t, const char* format) {
  const std::time_t seconds_since_epoch = std::chrono::system_clock::to_time_t(t);
  std::tm utc{};
  gmtime_r(&seconds_since_epoch, &utc);
  char text[32];
  const std::size_t n = std::strftime(text, sizeof text, format, &utc);
  return {text, n};
}

}  // namespace

nlohmann::json describe_environment(const std::filesystem::path& data, const MachineNeeds& needs) {
  // Short, as a run would only wait for it; what disturbs the run itself is in each trial.
  const auto grades =
      grade(examine_machine({.listen = milliseconds(300), .data = data, .tools = false}), needs);
  utsname names{};
  uname(&names);
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  nlohmann::json graded = to_json(grades);
  return {{"kernel", std::string(names.sysname) + " " + names.release},
          {"machine", names.machine},
          {"cpu", lookup("/proc/cpuinfo", "model name", ':')},
          {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory_bytes", pages * page},
          {"os", lookup("/etc/os-release", "PRETTY_NAME", '=')},
          {"librdkafka", kafka::library_version()},
          {"compiler", std::string("g++ ") + __VERSION__},
          {"build", SEATRIAL_BUILD_TYPE},
          {"fit", std::move(graded["fit"])},
          {"grades", std::move(graded["grades"])}};
}

std::string iso_time(std::chrono::system_clock::time_point t) {
  return format_utc(t, "%Y-%m-%dT%H:%M:%SZ");
}

std::string compact_time(std::chrono::system_clock::time_point t) {
  return format_utc(t, "%Y%m%d-%H%M%S");
}

}  // namespace seatrial::run
