// Finding, fetching, trying and asking.
#include "workers/client_library.hpp"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/process.hpp"
#include "core/crc32c.hpp"
#include "core/owned_file.hpp"
#include "workers/worker_process.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* link_name = "librdkafka.so.1";  // what programs are linked to
constexpr auto answer_time = 60s;                     // some milliseconds, on a quiet machine

std::recursive_mutex& answers_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// 2.16.0, also with a tail as in 2.4.0rc1; anything else is a file.
bool is_version(const std::string& asked) {
  return !asked.empty() && std::isdigit(static_cast<unsigned char>(asked.front())) != 0 &&
         std::ranges::count(asked, '.') >= 2 && std::ranges::all_of(asked, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.';
         });
}

Error no_library(const std::string& asked, const std::string& why, std::string hint) {
  return Error{"client_library " + asked + ": " + why, std::move(hint)};
}

// The library among the files of a wheel, where it has another name for each release.
std::optional<fs::path> library_in(const fs::path& folder) {
  std::error_code ignored;  // a wheel without that folder has no library
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("librdkafka") && name != link_name) return entry.path();
  }
  return std::nullopt;
}

// Downloads and unpacks beside its place, then renames, so that what is there is whole.
std::optional<Error> fetch(const std::string& version, const fs::path& folder) {
  if (!clusters::find_program("pip3")) {
    if (const auto error = clusters::need({"pip"}, clusters::program_stop())) {
      return no_library(version, error->message, error->hint);
    }
  }
  clusters::notice("fetching librdkafka " + version + " with pip, once (about 5 MB)");
  const auto partial = folder / "partial";
  std::error_code failure;
  fs::remove_all(partial, failure);
  fs::create_directories(partial, failure);
  const clusters::ToolOptions in_folder{
      .env = {}, .cwd = partial, .stop = clusters::program_stop()};
  const auto pip =
      clusters::run_tool({"pip3", "download", "--no-deps", "--only-binary=:all:", "--quiet",
                          "--disable-pip-version-check", "confluent-kafka==" + version},
                         5min, in_folder);
  if (!pip.ok()) {
    return no_library(
        version, "its wheel cannot be fetched: " + pip.complaint(),
        "pip (python3-pip) and the network are needed once; or name a library's file");
  }
  for (const auto& entry : fs::directory_iterator(partial)) {
    const auto unpacked = clusters::run_tool(
        {"python3", "-m", "zipfile", "-e", entry.path().string(), partial.string()}, 1min,
        in_folder);
    if (!unpacked.ok()) return no_library(version, unpacked.complaint(), "");
    break;
  }
  const auto libraries = partial / "confluent_kafka.libs";
  const auto library = library_in(libraries);
  if (!library) return no_library(version, "its wheel brings no librdkafka for this machine", "");
  fs::create_symlink(library->filename(), libraries / link_name, failure);
  if (!failure) fs::rename(libraries, folder / "lib", failure);
  if (failure) return no_library(version, "cannot be kept: " + failure.message(), "");
  fs::remove_all(partial, failure);
  return std::nullopt;
}

Result<ClientLibrary> of_version(const std::string& version) {
  const auto folder = fs::absolute(clusters::cache_home()) / ("client-" + version);
  std::error_code failure;
  fs::create_directories(folder, failure);
  const auto lock = clusters::FileLock::wait(folder / "lock", 10min, clusters::program_stop());
  if (failure || !lock.held()) return no_library(version, "cannot use " + folder.string(), "");
  const auto link = folder / "lib";
  if (!fs::exists(link / link_name)) {
    if (auto error = fetch(version, folder)) return std::move(*error);
  }
  return ClientLibrary{
      .asked = version, .file = fs::canonical(link / link_name), .link = link, .version = {}};
}

// By the first bytes of an ELF file, and its type (elf.h).
bool is_shared_library(const fs::path& file) {
  std::array<char, 18> head{};
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), head.size());
  return in &&
         std::string_view(head.data(), 4) ==
             "\x7f"
             "ELF" &&
         head[16] == ET_DYN;
}

// The loader looks for a name, so a file of any name gets a link of that name, in the cache.
Result<ClientLibrary> of_file(const std::string& asked) {
  std::error_code failure;
  const auto file = fs::canonical(asked, failure);
  if (failure || fs::is_directory(file)) {
    return no_library(asked, "there is no such file",
                      "name a librdkafka.so by its path, or a version such as 2.16.0");
  }
  char name[32];
  std::snprintf(name, sizeof name, "client-file-%08x",
                crc32c(std::as_bytes(std::span(file.native()))));
  if (!is_shared_library(file)) {
    return no_library(asked, "it is no shared library",
                      "name a librdkafka.so by its path, or a version such as 2.16.0");
  }
  const auto link = fs::absolute(clusters::cache_home()) / name;
  fs::create_directories(link, failure);
  const auto lock = clusters::FileLock::wait(link / "lock", 1min, clusters::program_stop());
  fs::remove(link / link_name, failure);
  fs::create_symlink(file, link / link_name, failure);
  if (failure || !lock.held()) return no_library(asked, "cannot use " + link.string(), "");
  return ClientLibrary{.asked = asked, .file = file, .link = link, .version = {}};
}

// Properties may be secrets, so a question is never on a disk or in a command line.
OwnedFile in_memory(const std::string& text) {
  const int descriptor = memfd_create("seatrial-question", MFD_CLOEXEC);
  OwnedFile file(descriptor < 0 ? nullptr : fdopen(descriptor, "r+"));
  if (!file) return file;
  std::fputs(text.c_str(), file.get());
  std::fflush(file.get());
  std::rewind(file.get());
  return file;
}

// Starts a process that loads the library, and puts a question to it.
Result<json> ask(const ClientLibrary& library, const json& question, const fs::path& program) {
  const auto in = in_memory(question.dump() + "\n");
  if (!in) return no_library(library.asked, "no memory for a question", "");
  const auto outcome = clusters::run_tool({program.string(), worker_verb}, answer_time,
                                          {.env = environment_for(library),
                                           .cwd = {},
                                           .stop = clusters::program_stop(),
                                           .show_output = false,
                                           .in = in.get()});
  if (!outcome.ok()) {
    return no_library(library.asked, "a process cannot run with it: " + outcome.complaint(),
                      "it must be a librdkafka for this machine, not older than 2.0.2");
  }
  json answer = json::parse(outcome.out, nullptr, false);
  if (answer.is_discarded()) return no_library(library.asked, "it gave no answer", "");
  return answer;
}

Result<ClientLibrary> tried(ClientLibrary library, const fs::path& program) {
  const auto answer = ask(library, question_of_version(), program);
  if (!answer) return answer.error();
  const auto said = read_loaded(*answer);
  if (const auto wrong = wrong_library(library, said); !wrong.empty()) {
    return no_library(library.asked, wrong, "");
  }
  library.version = said.version;
  if (is_version(library.asked) && library.asked != library.version) {
    return no_library(
        library.asked, "the wheel of that release holds librdkafka " + library.version,
        "confluent-kafka and librdkafka differ in their last numbers: write a release "
        "whose library has its number");
  }
  return library;
}

}  // namespace

std::string wrong_library(const ClientLibrary& wanted, const kafka::LoadedLibrary& loaded) {
  if (loaded.copies != 1) {
    return "the process loaded " + std::to_string(loaded.copies) + " of them at once";
  }
  if (loaded.file != wanted.file) {
    return "the process loaded librdkafka " + loaded.version + " from " + loaded.file + " instead";
  }
  if (!wanted.version.empty() && loaded.version != wanted.version) {
    return "the process loaded librdkafka " + loaded.version + ", not " + wanted.version;
  }
  return {};
}

std::map<std::string, std::string> environment_for(const ClientLibrary& library) {
  // Its own folder as well: what the library itself needs may lie beside it.
  std::string path = library.link.string();
  if (library.file.parent_path() != library.link) path += ":" + library.file.parent_path().string();
  if (const char* more = std::getenv("LD_LIBRARY_PATH"); more != nullptr && *more != '\0') {
    path += std::string(":") + more;
  }
  return {{"LD_LIBRARY_PATH", path}};
}

Result<ClientLibrary> find_client_library(const std::string& asked, const fs::path& program) {
  static std::map<std::string, Result<ClientLibrary>> known;
  const std::lock_guard lock(answers_mutex());
  if (const auto it = known.find(asked); it != known.end()) return it->second;
  auto found = is_version(asked) ? of_version(asked) : of_file(asked);
  if (found) found = tried(std::move(*found), program);
  return known.emplace(asked, std::move(found)).first->second;
}

scenario::LibraryAnswer ask_client_library(const std::string& asked, const std::string& kind,
                                           const Options& options, const fs::path& program) {
  static std::map<std::string, scenario::LibraryAnswer> known;
  const json question = question_of_workload(kind, options.all(), options.folder());
  const std::lock_guard lock(answers_mutex());
  const std::string key = asked + "\n" + question.dump();
  if (const auto it = known.find(key); it != known.end()) return it->second;
  scenario::LibraryAnswer out;
  const auto failed = [&out](const Error& error) {
    out.failure = error.message + (error.hint.empty() ? "" : "; " + error.hint);
    return out;
  };
  const auto library = find_client_library(asked, program);
  if (!library) return failed(library.error());
  const auto answer = ask(*library, question, program);
  if (!answer) return failed(answer.error());
  out = read_answer(*answer);
  return known.emplace(key, std::move(out)).first->second;
}

}  // namespace seatrial::workers
