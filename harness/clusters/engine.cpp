// Implements clusters/engine.hpp.
#include "clusters/engine.hpp"

#include <sys/utsname.h>

#include <cstdlib>
#include <mutex>
#include <sstream>

#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "core/check.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto quick = 20s;  // for calls that normally take a few tens of milliseconds
constexpr auto memory_of_failure = 1h;

constexpr const char* start_engine =
    "type: export $(./seatrial need engine), which installs and starts what is missing; or set "
    "DOCKER_HOST";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string apache_image(const std::string& version) { return "apache/kafka:" + version; }
std::string own_image(const std::string& version) { return "seatrial/kafka:" + version; }

// Of a question whose answer is not wanted any more once the program shall end.
ToolOptions while_wanted() {
  return {.env = {}, .cwd = {}, .stop = program_stop(), .show_output = false};
}

bool is_present(const std::string& image) {
  return docker({"image", "inspect", "-f", "{{.Id}}", image}, quick, while_wanted()).ok();
}

std::optional<std::string> wanted_image() {
  const char* image = std::getenv("SEATRIAL_IMAGE");
  if (image == nullptr || *image == '\0') return std::nullopt;
  return image;
}

fs::path failure_stamp(const std::string& version) {
  return cache_home() / ("no-image-" + version);
}

bool failed_lately(const std::string& version) {
  std::error_code absent;
  const auto failed_at = fs::last_write_time(failure_stamp(version), absent);
  return !absent && fs::file_time_type::clock::now() - failed_at < memory_of_failure;
}

Result<std::string> build_image(const std::string& version, const std::stop_token& stop) {
  if (!find_program("jlink") || !find_program("busybox")) {
    if (const auto error = need({"jdk", "busybox"}, stop)) return *error;
  }
  const auto jars = prepare_jars(version, stop);
  if (!jars) return jars.error();
  const auto tag = own_image(version);
  notice("building the image " + tag + ", as " + apache_image(version) +
         " cannot be pulled, once (about 20 s)");
  const auto script = project_home() / "compose" / "image" / "build";
  const auto built = run_tool({script.string(), version, jars->string(), tag}, 10min,
                              {.env = {}, .cwd = {}, .stop = stop, .show_output = false});
  if (stop.stop_requested()) throw Interrupted();
  if (built.ok()) return tag;
  return Error{
      "cannot build the image " + tag + ":\n" + last_lines(built.out + "\n" + built.err, 8),
      script.string() + " " + version + " " + jars->string() + " " + tag};
}

}  // namespace

ToolOutcome docker(std::vector<std::string> arguments, nanoseconds deadline,
                   const ToolOptions& options) {
  arguments.insert(arguments.begin(), "docker");
  return run_tool(arguments, deadline, options);
}

Result<Engine> find_engine() {
  if (!find_program("docker")) {
    return Error{"docker is not installed", start_engine};
  }
  const auto server = docker({"version", "--format", "{{.Server.Version}}"}, 10s, while_wanted());
  if (!server.ok()) {
    return Error{"no container engine answers: " + server.complaint(), start_engine};
  }
  Engine engine{.compose = {}, .version = first_line(server.out), .compose_version = ""};
  for (const auto& command : {std::vector<std::string>{"docker", "compose"},
                              std::vector<std::string>{"docker-compose"}}) {
    auto argv = command;
    argv.insert(argv.end(), {"version", "--short"});
    const auto answer = run_tool(argv, quick, while_wanted());
    if (!answer.ok()) continue;
    engine.compose = command;
    engine.compose_version = first_line(answer.out);
    return engine;
  }
  return Error{"neither `docker compose` nor docker-compose answers", start_engine};
}

std::optional<std::string> engine_elsewhere() {
  const auto told =
      docker({"info", "--format", "{{.KernelVersion}} {{.Name}}"}, quick, while_wanted());
  if (!told.ok()) return "no container engine answers: " + told.complaint();
  struct utsname here {};
  ::uname(&here);
  const std::string mine = std::string(here.release) + " " + here.nodename;
  if (first_line(told.out) == mine) return std::nullopt;
  return "the container engine runs on another machine (" + first_line(told.out) + ", here " +
         mine + ")";
}

std::optional<std::string> present_image(const std::string& version) {
  if (const auto wanted = wanted_image()) {
    return is_present(*wanted) ? wanted : std::nullopt;
  }
  for (const auto& image : {apache_image(version), own_image(version)}) {
    if (is_present(image)) return image;
  }
  return std::nullopt;
}

bool can_pull(const std::string& version) {
  static std::mutex mutex;
  const std::lock_guard guard(mutex);
  if (failed_lately(version)) return false;
  const auto image = wanted_image().value_or(apache_image(version));
  if (docker({"manifest", "inspect", image}, 10s, while_wanted()).ok()) return true;
  if (program_stop().stop_requested()) return false;  // which is no failure to remember
  std::error_code failure;
  fs::create_directories(failure_stamp(version).parent_path(), failure);
  try {
    write_file(failure_stamp(version), image + " could not be pulled\n");
  } catch (const InfrastructureError& error) {
    notice(error.what());  // only costs the same wait again
  }
  return false;
}

Result<std::string> obtain_image(const std::string& version, std::stop_token stop) {
  if (auto image = present_image(version)) return *image;
  const auto wanted = wanted_image();
  const auto image = wanted.value_or(apache_image(version));
  if (can_pull(version)) {
    notice("pulling the image " + image + ", once (about 200 MB)");
    const auto pulled = docker({"pull", "-q", image}, 15min,
                               {.env = {}, .cwd = {}, .stop = stop, .show_output = false});
    if (stop.stop_requested()) throw Interrupted();
    if (pulled.ok()) return image;
    notice("could not pull " + image + ": " + pulled.complaint());
  }
  if (wanted) {
    return Error{"the image " + image + " is neither present nor can it be pulled",
                 "unset SEATRIAL_IMAGE, or load that image"};
  }
  return build_image(version, stop);
}

std::optional<ContainerState> parse_container_state(std::string_view text) {
  std::istringstream in{std::string(text)};
  ContainerState state;
  if (!(in >> state.status >> state.pid >> state.exit_code)) return std::nullopt;
  return state;
}

std::optional<ContainerState> inspect(const std::string& container) {
  const auto answer = docker(
      {"inspect", "-f", "{{.State.Status}} {{.State.Pid}} {{.State.ExitCode}}", container}, quick);
  return answer.ok() ? parse_container_state(answer.out) : std::nullopt;
}

ProcessState to_process_state(const ContainerState& container) {
  ProcessState state;
  if (container.status == "running" || container.status == "paused") {
    state.kind =
        container.status == "paused" ? ProcessState::Kind::paused : ProcessState::Kind::running;
    state.host_pid = container.pid;
    return state;
  }
  if (container.status != "exited" && container.status != "dead") return state;
  state.kind = ProcessState::Kind::exited;
  constexpr int signal_base = 128, asked_to_stop = 143, last_signal = 64;
  const bool signalled = container.exit_code > signal_base &&
                         container.exit_code <= signal_base + last_signal &&
                         container.exit_code != asked_to_stop;
  if (signalled) state.signal = container.exit_code - signal_base;
  else state.exit_code = container.exit_code;
  return state;
}

}  // namespace seatrial::clusters
