// Implements clusters/jars.hpp.
#include "clusters/jars.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "clusters/files.hpp"
#include "clusters/leftovers.hpp"
#include "clusters/net.hpp"
#include "clusters/node_config.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Any valid cluster id: the checkpoint does not hold it.
constexpr const char* cache_cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
// The dependency plug-in by its full name, so that the version is the one tried.
constexpr const char* copy_goal =
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

// All that is made once, by whoever came first, at the most.
constexpr auto another_prepares = 30min;

void stop_if(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Interrupted();
}

// Of all releases of Kafka that can be asked for, and of the class-data archive.
constexpr int oldest_java = 17;

constexpr const char* install_java =
    "./seatrial need java installs one (or apt-get install default-jre-headless)";

// How JVMs of ours run: nobody's JAVA_TOOL_OPTIONS changes them.
ToolOptions bare_in(const fs::path& cwd, const std::stop_token& stop) {
  return {.env = {}, .cwd = cwd, .stop = stop, .show_output = false, .in = nullptr, .bare = true};
}

// Maven keeps its environment, as that may name its proxy; but under the C locale Java does not
// find a path with an ü in it.
ToolOptions maven_in(const fs::path& cwd, const std::stop_token& stop) {
  return {.env = {{"LC_ALL", "C.UTF-8"}}, .cwd = cwd, .stop = stop, .show_output = false};
}

std::optional<fs::path> java_of_home() {
  const char* home = std::getenv("JAVA_HOME");
  if (home == nullptr || *home == '\0') return std::nullopt;
  return find_program(std::string(home) + "/bin/java");
}

// How to have the caches of an installed Seatrial elsewhere; nothing for those of a clone.
std::optional<std::string> other_cache(const std::string& wanted) {
  if (cache_home() == project_home() / ".cache") return std::nullopt;
  return "have XDG_CACHE_HOME name " + wanted + ", in which what is fetched is kept";
}

// Where nothing can be written: why, and what to do.
Error read_only(const fs::path& folder, const std::string& why) {
  return {"cannot write to " + folder.string() + ": " + why,
          other_cache("a folder of yours")
              .value_or("what is fetched and built is kept below the clone: use one that is yours, "
                        "as from cp -r " +
                        project_home().string() + " ~/seatrial")};
}

fs::path pom_folder() { return project_home() / "compose" / "kafka"; }

// Every byte encoded that could mean something in a URL or end one in a list.
std::string file_url(const fs::path& path) {
  std::string url = "file://";
  for (const char c : path.string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || c == '/' || c == '-' || c == '_' || c == '.');
    if (plain) url += c;
    else url += fmt::format("%{:02X}", byte);
  }
  return url;
}

// Sorted, as the class-data archive is only valid for the very same path.
std::string class_path(const fs::path& lib) {
  std::vector<std::string> jars;
  for (const auto& entry : fs::directory_iterator(lib)) {
    if (entry.path().extension() == ".jar") jars.push_back(entry.path().string());
  }
  std::sort(jars.begin(), jars.end());
  std::string joined;
  for (const auto& jar : jars) joined += (joined.empty() ? "" : ":") + jar;
  return joined;
}

// What a killed preparation left; under the cache's lock nobody else is at work.
void remove_partials(const fs::path& folder) {
  std::error_code ignored;  // a leftover that stays only costs space
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("partial-")) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

Result<fs::path> make_jars(const std::string& version, const fs::path& folder,
                           const std::stop_token& stop) {
  const auto lib = folder / "lib";
  if (fs::exists(lib)) return lib;
  if (!find_program("mvn") || (!java_of_home() && !find_program("java"))) {
    if (const auto error = need({"java", "maven"}, stop)) return *error;
  }
  notice("fetching the jars of Kafka " + version + " with Maven, once (about 55 MB)");
  const auto partial = folder / "partial-lib";
  const auto mvn = run_tool({"mvn", "-B", "-q", "-f", (pom_folder() / "pom.xml").string(),
                             copy_goal, "-DincludeScope=runtime", "-Dkafka.version=" + version,
                             "-DoutputDirectory=" + partial.string()},
                            15min, maven_in(folder, stop));
  stop_if(stop);
  if (!mvn.ok()) {
    const auto said = last_lines(mvn.out + "\n" + mvn.err, 6);
    return Error{"cannot fetch the jars of Kafka " + version + ":\n" + said,
                 "check the version and the network, then start again; what was fetched is kept"};
  }
  fs::rename(partial, lib);
  return lib;
}

constexpr const char* jolokia_version = "2.2.9";

// A node whose data is in `data` of the folder it runs in.
Properties cache_node(const std::vector<int>& ports) {
  ClusterSpec spec;
  spec.brokers = 1;
  spec.combined = true;
  spec.config = {{"auto.create.topics.enable", "true"}};
  const Place place{.bind = "127.0.0.1",
                    .host = "127.0.0.1",
                    .client_host = "127.0.0.1",
                    .client_port = ports.at(0),
                    .advertised_port = ports.at(0),
                    .replication_port = ports.at(1),
                    .controller_port = ports.at(2),
                    .log_dirs = "data"};
  return node_properties(spec, node_list(spec).at(0), {{NodeId{1}, place}});
}

// Words as Java reads them from a file of arguments.
std::string arguments_text(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += '"';
    for (const char c : word) {
      if (c == '\n') text += "\\n";
      else if (c == '"' || c == '\\') (text += '\\') += c;
      else text += c;
    }
    text += "\"\n";
  }
  return text;
}

// Has the storage tool format a data folder in `folder`: what it leaves, but for what is the
// node's own. Which files these are depends on the release. What it is told goes through a file, as
// everybody can read command lines, and passwords may be among it.
Result<fs::path> format(const KafkaHome& home, const fs::path& folder,
                        const std::vector<std::string>& further, const std::stop_token& stop) {
  const auto config = folder / "node.properties";
  write_file(config, to_properties_text(cache_node({9092, 9093, 9094})));
  std::vector<std::string> words{"kafka.tools.StorageTool", "format", "-t",
                                 cache_cluster_id,          "-c",     config.string()};
  words.insert(words.end(), further.begin(), further.end());
  const auto arguments = folder / "arguments";
  write_file(arguments, arguments_text(words), Readers::owner);
  const auto formatted = run_tool({home.java.program.string(), "-XX:-UsePerfData", "-cp",
                                   home.class_path, "@" + arguments.string()},
                                  2min, bare_in(folder, stop));
  stop_if(stop);
  auto made = folder / "data";
  std::error_code failure;
  if (formatted.ok() && fs::remove(made / "meta.properties", failure) &&
      !fs::is_empty(made, failure) && !failure) {
    return made;
  }
  return Error{"Kafka's StorageTool failed: " + formatted.complaint(), ""};
}

// Formats a throw-away data folder and keeps what that left.
std::optional<Error> make_formatted(const KafkaHome& home, const std::stop_token& stop) {
  if (fs::exists(home.formatted)) return std::nullopt;
  const auto partial = home.folder / "partial-format";
  fs::create_directories(partial);
  const ScopeGuard clean([&]() noexcept {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
  });
  const auto made = format(home, partial, {}, stop);
  if (!made) return made.error();
  fs::rename(*made, home.formatted);
  return std::nullopt;
}

// Waits until the broker answers; false if it ended, time ran out or `stop` came.
bool await_broker(const Child& broker, int port, const std::stop_token& stop) {
  const auto until = now() + 90s;
  while (now() < until && !stop.stop_requested() && !broker.wait(50ms)) {
    if (kafka_answers(port, 200ms)) return true;
  }
  return false;
}

bool await_end(const Child& broker, const std::stop_token& stop) {
  const auto until = now() + 90s;
  while (!broker.wait(50ms)) {
    if (now() >= until || stop.stop_requested()) return false;
  }
  return true;
}

// Runs one broker that serves one producer, and has its JVM archive the classes at exit. The
// reason why there is no archive, or nothing.
std::optional<std::string> make_archive(const KafkaHome& home, const fs::path& archive,
                                        const std::stop_token& stop) {
  const auto partial = home.folder / "partial-archive";
  const ScopeGuard clean([&]() noexcept {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
  });
  const auto laid_out = lay_out(home.formatted, partial / "data", NodeRole::combined);
  if (laid_out) return laid_out->message;
  write_file(partial / "data" / "meta.properties",
             std::string("version=1\nnode.id=1\ncluster.id=") + cache_cluster_id + "\n");
  const auto run_id = "prepare-" + std::to_string(getpid());
  const RunLock lock(home.folder, run_id);
  ReservedPorts reserved(3);
  const auto port = reserved.ports().at(0);
  const auto config = partial / "node.properties";
  write_file(config, to_properties_text(cache_node(reserved.ports())));
  auto argv = broker_jvm(home, "512m", run_id);
  argv.insert(argv.begin() + 1, "-XX:ArchiveClassesAtExit=" + (partial / "jsa").string());
  argv.insert(argv.end(), {"kafka.Kafka", config.string()});
  reserved.release();
  auto broker = Child::spawn({.argv = argv,
                              .env = {},
                              .cwd = partial,
                              .output = partial / "node.log",
                              .in = nullptr,
                              .out = nullptr,
                              .bare = true});
  if (!broker) return broker.error().message;
  if (!await_broker(**broker, port, stop)) {
    return "the broker did not start: " +
           last_lines(file_text(partial / "node.log").value_or(""), 3);
  }
  // The classes of a topic's creation and of the produce path belong into the archive as well.
  const auto producer =
      run_tool({home.java.program.string(), "-cp", home.class_path,
                "org.apache.kafka.tools.VerifiableProducer", "--topic", "t", "--max-messages",
                "100", "--bootstrap-server", "127.0.0.1:" + std::to_string(port)},
               30s, bare_in(partial, stop));
  if (!producer.ok()) notice("no producer in the class-data archive: " + producer.complaint());
  if (const auto error = (*broker)->signal(SIGTERM)) return error->message;
  if (!await_end(**broker, stop)) return "the broker did not stop";
  if (!fs::exists(partial / "jsa")) return "the Java runtime wrote none";
  fs::rename(partial / "jsa", archive);
  return std::nullopt;
}

struct Locked {
  fs::path folder;
  FileLock lock;
};

Result<Locked> lock_cache(const std::string& version, const std::stop_token& stop) {
  auto folder = kafka_cache(version);
  if (!folder) return folder.error();
  std::error_code failure;
  fs::create_directories(*folder, failure);
  if (failure) return read_only(*folder, failure.message());
  auto lock = FileLock::wait(*folder / "lock", another_prepares, stop);
  stop_if(stop);
  if (!lock.held()) return read_only(*folder, std::strerror(errno));
  remove_partials(*folder);
  return Locked{*folder, std::move(lock)};
}

}  // namespace

Result<fs::path> kafka_cache(const std::string& version) {
  const bool plain = !version.empty() && version.front() != '.' &&
                     std::all_of(version.begin(), version.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
                     });
  if (!plain) return Error{"'" + version + "' is no Kafka version", "write one such as 4.4.0"};
  if (cache_home().string().find(':') != std::string::npos) {
    return Error{cache_home().string() + " has a ':' in its path, where Java ends a name",
                 other_cache("a folder without one").value_or("move the clone")};
  }
  return cache_home() / ("kafka-" + version);
}

Result<Java> find_java() {
  auto program = java_of_home();
  const bool by_home = program.has_value();
  if (!program) program = find_program("java");
  if (!program) return Error{"java is not installed", install_java};
  const auto answer = run_tool({program->string(), "-version"}, 30s, bare_in({}, {}));
  const auto version = parse_java_version(answer.err + answer.out);
  const auto where = program->string() + (by_home ? " (JAVA_HOME)" : "");
  const std::string other = by_home ? "unset JAVA_HOME, or have it name a newer one"
                                    : std::string(install_java) + ", or set JAVA_HOME";
  if (version.empty()) return Error{where + " does not run: " + answer.complaint(), other};
  if (java_release(version) >= oldest_java) return Java{*program, version};
  return Error{where + " is Java " + version + ", and brokers need " + std::to_string(oldest_java) +
                   " or newer",
               other};
}

std::string parse_java_version(std::string_view printed) {
  constexpr std::string_view key = "version \"";
  const auto at = printed.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = printed.substr(at + key.size());
  return std::string(rest.substr(0, rest.find_first_of("\"\n")));
}

int java_release(std::string_view version) {
  if (version.starts_with("1.")) version.remove_prefix(2);  // as Java 8 still called itself
  int release = 0;
  std::from_chars(version.data(), version.data() + version.size(), release);
  return release;
}

std::optional<Error> need(const std::vector<std::string>& what, std::stop_token stop) {
  std::string names;
  for (const auto& name : what) names += (names.empty() ? "" : " and ") + name;
  if (const char* launcher = std::getenv("SEATRIAL_LAUNCHER"); launcher != nullptr) {
    std::vector<std::string> argv{launcher, "need"};
    argv.insert(argv.end(), what.begin(), what.end());
    const auto outcome =
        run_tool(argv, 15min, {.env = {}, .cwd = {}, .stop = stop, .show_output = true});
    stop_if(stop);
    if (outcome.ok()) return std::nullopt;
    return Error{"could not install " + names, "see the lines above"};
  }
  std::string packages;
  for (const auto& name : what) {
    packages += name == "java"       ? " default-jre-headless"
                : name == "jdk"      ? " default-jdk-headless"
                : name == "busybox"  ? " busybox-static"
                : name == "pip"      ? " python3-pip"
                : name == "faketime" ? " libfaketime"
                                     : " " + name;
  }
  return Error{names + " not installed", "apt-get install -y" + packages};
}

Result<fs::path> prepare_jars(const std::string& version, std::stop_token stop) {
  const auto locked = lock_cache(version, stop);
  if (!locked) return locked.error();
  return make_jars(version, locked->folder, stop);
}

Result<fs::path> prepare_metrics_agent(std::stop_token stop) {
  const fs::path folder = cache_home() / (std::string("jolokia-") + jolokia_version);
  const fs::path jar =
      folder / (std::string("jolokia-agent-jvm-") + jolokia_version + "-javaagent.jar");
  if (fs::exists(jar)) return jar;
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return read_only(folder, failure.message());
  const auto lock = FileLock::wait(folder / "lock", another_prepares, stop);
  stop_if(stop);
  if (!lock.held()) return read_only(folder, std::strerror(errno));
  if (fs::exists(jar)) return jar;
  if (!find_program("mvn")) return Error{"maven is not installed", "apt-get install -y maven"};
  notice("fetching the agent for broker metrics with Maven, once (0.7 MB)");
  const auto partial = folder / "partial";
  const auto mvn =
      run_tool({"mvn", "-B", "-q", "-f", (pom_folder() / "pom.xml").string(), "-P", "metrics-agent",
                copy_goal, "-DincludeGroupIds=org.jolokia", "-DincludeClassifiers=javaagent",
                std::string("-Djolokia.version=") + jolokia_version,
                "-DoutputDirectory=" + partial.string()},
               5min, maven_in(folder, stop));
  stop_if(stop);
  if (!mvn.ok() || !fs::exists(partial / jar.filename())) {
    return Error{"cannot fetch it: " + mvn.complaint(), "check the network"};
  }
  fs::rename(partial / jar.filename(), jar);
  return jar;
}

Result<fs::path> format_with(const KafkaHome& home, const fs::path& folder,
                             const std::map<std::string, std::string>& users,
                             const std::map<std::string, std::string>& features,
                             const std::stop_token& stop) {
  std::vector<std::string> words;
  for (const auto& [name, password] : users) {
    for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
      words.insert(words.end(), {"--add-scram", std::string(mechanism) + "=[name=" + name +
                                                    ",password=" + password + "]"});
    }
  }
  for (const auto& [name, level] : features)
    words.insert(words.end(), {"--feature", name + "=" + level});
  return format(home, folder, words, stop);
}

Result<KafkaHome> prepare_kafka(const std::string& version, std::stop_token stop) {
  const auto folder = kafka_cache(version);
  if (!folder) return folder.error();
  auto java = find_java();
  if (!java && !java_of_home()) {
    if (const auto error = need({"java"}, stop)) return *error;
    java = find_java();
  }
  if (!java) return java.error();
  KafkaHome home{.folder = *folder,
                 .lib = *folder / "lib",
                 .java = *java,
                 .class_path = "",
                 .formatted = *folder / "formatted",
                 .archive = {}};
  const auto archive = home.folder / ("classes-" + java->version + ".jsa");
  const auto have = [](const fs::path& part) { return fs::exists(part); };
  // Nothing to be made, and so no need to be allowed to: the tree may be somebody else's.
  if (have(home.lib) && have(home.formatted) && have(archive)) {
    home.class_path = class_path(home.lib);
    home.archive = archive;
    return home;
  }
  const auto locked = lock_cache(version, stop);
  if (!locked) return locked.error();
  const auto lib = make_jars(version, home.folder, stop);
  if (!lib) return lib.error();
  home.class_path = class_path(*lib);
  if (const auto error = make_formatted(home, stop)) return *error;
  if (!fs::exists(archive)) {
    notice("archiving the classes of Kafka " + version + " for faster starts, once (about 15 s)");
    if (const auto reason = make_archive(home, archive, stop)) {
      stop_if(stop);
      notice("no class-data archive, so brokers start slower: " + *reason);
      return home;
    }
  }
  home.archive = archive;
  return home;
}

std::optional<Error> lay_out(const fs::path& formatted, const fs::path& data, NodeRole role) {
  std::error_code failure;
  fs::create_directories(data, failure);
  for (const auto& entry : fs::directory_iterator(formatted)) {
    if (failure) break;
    // A folder is a snapshot of the quorum's log (from Kafka 4.4 on), which only voters begin with.
    if (entry.is_directory() && role == NodeRole::broker) continue;
    fs::copy(entry.path(), data / entry.path().filename(), fs::copy_options::recursive, failure);
  }
  if (!failure) return std::nullopt;
  return Error{"cannot prepare " + data.string() + ": " + failure.message(), ""};
}

std::map<std::string, std::string> jvm_facts(std::string_view log) {
  std::map<std::string, std::string> facts;
  const auto at = log.starts_with("-XX:") ? 0 : log.find("\n-XX:");
  if (at == std::string_view::npos) return facts;
  auto line = log.substr(log[at] == '\n' ? at + 1 : at);
  line = line.substr(0, line.find_first_of("\r\n"));
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  facts["jvm_flags"] = std::string(line);
  std::istringstream flags{std::string(line)};
  for (std::string flag; flags >> flag;) {
    constexpr std::string_view heap = "-XX:MaxHeapSize=", use = "-XX:+Use", collector = "GC";
    if (flag.starts_with(heap)) {
      std::uint64_t bytes = 0;
      std::from_chars(flag.data() + heap.size(), flag.data() + flag.size(), bytes);
      facts["heap"] = std::to_string(bytes >> 20) + "m";
    } else if (flag.starts_with(use) && flag.ends_with(collector)) {
      auto name = flag.substr(use.size(), flag.size() - use.size() - collector.size());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      facts["garbage_collector"] = name;
    }
  }
  return facts;
}

std::vector<std::string> broker_jvm(const KafkaHome& home, const std::string& heap,
                                    const std::string& run_id) {
  std::vector<std::string> argv{
      home.java.program.string(), std::string(run_argument) + run_id, "-Xms" + heap, "-Xmx" + heap,
      "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
      // Else a killed JVM leaves a file in /tmp.
      "-XX:-UsePerfData", "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true",
      // For jolokia.hpp; later versions complain without it.
      "-XX:+EnableDynamicAgentLoading",
      // For jvm_facts.
      "-XX:+PrintCommandLineFlags"};
  if (home.archive) {
    argv.insert(argv.end(), {"-XX:SharedArchiveFile=" + home.archive->string(), "-Xlog:cds=off"});
  }
  // Read by run/gc_log.hpp; in nanoseconds of the monotonic clock. After any other -Xlog, which
  // would change the times of all that goes to stdout.
  argv.push_back("-Xlog:gc:stdout:timenanos,tags");
  // Kafka 4 reads the first, which is a list, and 3.9 the second.
  const auto logging = file_url(pom_folder() / "log4j");
  argv.push_back("-Dlog4j2.configurationFile=" + logging + "2.properties");
  argv.push_back("-Dlog4j.configuration=" + logging + ".properties");
  argv.insert(argv.end(), {"-cp", home.class_path});
  return argv;
}

}  // namespace seatrial::clusters
