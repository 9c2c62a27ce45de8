// Another librdkafka for a workload's lanes: `client_library:` names a file, or a version, which is
// taken from the wheel of that release of confluent-kafka for Python and kept in the project's
// cache (client-VERSION; what the library needs of the wheel's other libraries lies beside
// it). This process keeps its own library: another one is loaded by worker processes only, which
// the dynamic loader is told to start with it.
//
// A library is tried before it is used: a process that loads it says its version, and by that is
// asked what this library makes of a workload's options. Answers are kept for the life of this
// process. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/result.hpp"
#include "kafka/loaded_library.hpp"
#include "scenario/scenario.hpp"

namespace seatrial::workers {

struct ClientLibrary {
  std::string asked;           // as in the scenario
  std::filesystem::path file;  // symbolic links resolved
  std::filesystem::path link;  // holds `librdkafka.so.1`, by which the loader finds it
  std::string version;         // as the library itself says
};

// Fetches it if need be, with a line on stderr, and tries it. `program` knows the verb `worker`.
Result<ClientLibrary> find_client_library(const std::string& asked,
                                          const std::filesystem::path& program);

// What is wrong with what a process loaded, or an empty string. A version that is not known yet is
// not compared.
[[nodiscard]] std::string wrong_library(const ClientLibrary& wanted,
                                        const kafka::LoadedLibrary& loaded);

// What a process has to be started with so that it loads that library.
[[nodiscard]] std::map<std::string, std::string> environment_for(const ClientLibrary& library);

// What the library makes of these options; see scenario::AskLibrary.
scenario::LibraryAnswer ask_client_library(const std::string& asked, const std::string& kind,
                                           const Options& options,
                                           const std::filesystem::path& program);

}  // namespace seatrial::workers
