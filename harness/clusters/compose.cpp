// Cluster kind `compose`: the nodes of compose/apache.yaml as containers, or, where a proxy stands
// before them, of compose/loopback.yaml. Their processes are signalled by host pid where this
// machine sees it and may, else by the engine. Everything carries the run's label, and is removed
// by that label rather than by compose, which may itself have been killed half-way.
#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "clusters/data_root.hpp"
#include "clusters/engine.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/leftovers.hpp"
#include "clusters/loopback.hpp"
#include "clusters/net.hpp"
#include "clusters/node_config.hpp"
#include "clusters/node_disks.hpp"
#include "clusters/node_limits.hpp"
#include "clusters/signal_numbers.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int most_brokers = 6, most_controllers = 3;  // services in the compose file
constexpr int client_port = 9092, replication_port = 9093, controller_port = 9094;
constexpr const char* run_label = "seatrial.run";
constexpr const char* owner_label = "seatrial.owner";
constexpr const char* project_label = "com.docker.compose.project";
constexpr const char* data_in_container = "/var/lib/kafka/data";
constexpr std::size_t shown_log_lines = 15;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::optional<std::string> compose_refuses(const ClusterSpec& spec) {
  if (auto reason = refused_config(spec)) return reason;
  if (spec.client_protocol != "plaintext") {
    return "clients connect by " + spec.client_protocol +
           ", and only local clusters have a listener for that besides the plaintext one that the "
           "harness watches them by (--cluster local)";
  }
  if (const auto gear = not_offered("compose", spec.gear))
    return "a cluster of containers will not do: " + missing_words(*gear) + " (--cluster local)";
  if (spec.brokers > most_brokers || (!spec.combined && spec.controllers > most_controllers)) {
    return "compose/apache.yaml has " + std::to_string(most_brokers) + " brokers and " +
           std::to_string(most_controllers) + " controllers; local clusters have no such limit";
  }
  if (!spec.data.empty()) return "cluster.data is for local clusters; containers keep their data";
  if (!spec.features.empty())
    return "cluster.features is for local clusters; containers format with their own (--cluster "
           "local)";
  for (const auto& [name, value] : spec.config) {
    // The two compose versions read these differently in an env file.
    if (value.find_first_of("$#'\"\\\n") != std::string::npos || value.starts_with(' ') ||
        value.ends_with(' ')) {
      return "cluster.config " + name + " has a character that compose env files cannot carry";
    }
  }
  return std::nullopt;
}

namespace {

// The process of a container as this machine sees it. Another machine's engine, or one in another
// pid namespace, reports pids that mean something else here.
bool is_container_process(pid_t pid, const std::string& container) {
  const auto proc = fs::path("/proc") / std::to_string(pid);
  if (file_text(proc / "cgroup").value_or("").find(container) != std::string::npos) return true;
  return file_text(proc / "cmdline").value_or("").find("kafka.Kafka") != std::string::npos;
}

// Removes containers, with their data, and networks that carry a run's label and all of `labels`;
// `keep` spares those of a run.
std::vector<std::string> remove_labelled(const std::vector<std::string>& labels,
                                         bool (*keep)(const std::string& run),
                                         const std::stop_token& stop = {}) {
  std::vector<std::string> done;
  const auto each = [&](std::vector<std::string> list, const std::string& what,
                        const std::vector<std::string>& removal) {
    for (const auto& label : labels) list.insert(list.end(), {"--filter", "label=" + label});
    list.insert(list.end(), {"--format", std::string("{{.ID}} {{.Label \"") + run_label + "\"}}"});
    const auto found = docker(list, 20s, {.env = {}, .cwd = {}, .stop = stop});
    if (!found.ok()) {
      done.push_back("could not list " + what + "s: " + found.complaint());
      return;
    }
    for (const auto& line : lines_of(found.out)) {
      if (stop.stop_requested()) return;
      const auto space = line.find(' ');
      const auto run = space == std::string::npos ? "" : line.substr(space + 1);
      if (run.empty() || (keep != nullptr && keep(run))) continue;
      const auto label = what + " " + line.substr(0, space) + " of run " + run;
      auto remove = removal;
      remove.push_back(line.substr(0, space));
      const auto removed = docker(remove, 60s);
      done.push_back(removed.ok() ? "removed " + label
                                  : "could not remove " + label + ": " + removed.complaint());
    }
  };
  each({"ps", "-a", "--no-trunc"}, "container", {"rm", "-f", "-v"});
  each({"network", "ls", "--no-trunc"}, "network", {"network", "rm"});
  return done;
}

class ComposeCluster final : public Cluster, private Processes {
 public:
  explicit ComposeCluster(const ClusterSetting& setting)
      : setting_(setting), lock_(setting.work_dir, setting.run_id) {
    setting_.work_dir = fs::absolute(setting.work_dir);  // compose takes paths from its own folder
    if (const auto reason = compose_refuses(setting.spec)) throw UsageError(*reason);
    // Cluster ids are unique but case-sensitive; project names are lower-case letters and digits.
    project_ =
        "seatrial-" + std::to_string(std::hash<std::string>{}(setting.run_id + setting.cluster_id));
  }
  ~ComposeCluster() override {
    for (const auto& line : down()) notice(line);
  }
  [[nodiscard]] std::string kind() const override { return "compose"; }
  void up(std::stop_token stop) override;
  std::vector<std::string> down() noexcept override;
  [[nodiscard]] std::string bootstrap() const override;
  [[nodiscard]] std::vector<Node> nodes() const override;
  [[nodiscard]] Processes* processes() override { return this; }
  [[nodiscard]] Network* network() override { return proxy_.get(); }
  [[nodiscard]] Disks* disks() override { return disks_.get(); }
  [[nodiscard]] Limits* limits() override { return limits_.get(); }
  void collect_logs(const fs::path& dir) override;
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override;
  [[nodiscard]] std::map<std::string, std::string> facts() const override;

 private:
  // Of this machine; 0: not seen yet.
  struct SeenProcess {
    int pid = 0;
    std::uint64_t start_ticks = 0;
  };
  struct Member {
    Node node;
    Place place;
    int port = 0;           // that the harness itself asks, on loopback; 0: none
    std::string container;  // full id
    SeenProcess process;
  };

  // Processes
  void signal(NodeId node, Signal signal) override;
  void start(NodeId node) override;
  [[nodiscard]] ProcessState state(NodeId node) const override;

  void make_disks();
  // In its container.
  [[nodiscard]] std::vector<fs::path> data_in(const Node& node) const;
  void place_nodes(const std::vector<int>& ports);
  void write_environment(const fs::path& file) const;
  [[nodiscard]] std::vector<std::string> compose_files(const fs::path& folder) const;
  void start_containers(const fs::path& environment, const std::stop_token& stop);
  void compose_up(const fs::path& environment, const std::stop_token& stop, Instant until);
  void find_containers();
  void await_answers(const std::stop_token& stop, Instant until);
  [[nodiscard]] bool answers(const Member& member, const std::stop_token& stop) const;
  void fail_start(const Member& member, const std::string& what) const;
  [[nodiscard]] std::string log_of(const Member& member, const std::stop_token& stop = {}) const;
  [[nodiscard]] std::map<NodeId, Place> places() const;
  // Copies, to ask the engine about without holding others up.
  [[nodiscard]] std::vector<Member> members() const;
  [[nodiscard]] Member member(NodeId node) const;
  void remember(NodeId node, const SeenProcess& process) const;
  [[nodiscard]] ProcessState state_of(Member& member) const;
  void await_told_end(Member& member) const;
  [[nodiscard]] bool send_signal(const Member& member, int number) const;
  void take_into_group(Member& member);
  void take_containers_down(std::vector<std::string>& undone);
  [[nodiscard]] bool fitted(Gear gear) const { return setting_.spec.gear.contains(gear); }

  ClusterSetting setting_;
  RunLock lock_;
  std::string project_;
  Engine engine_;
  std::string image_;
  bool started_ = false;    // something may have been made
  bool cut_short_ = false;  // compose was ended before it was done
  std::unique_ptr<DataFolder> data_;  // of the disks
  // Null: none is wanted. Longer than the containers.
  std::unique_ptr<NodeDisks> disks_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::unique_ptr<NodeLimits> limits_;
  // Never held while the engine is asked: it may take a minute to start a container, and another
  // node's fault must not wait for that.
  mutable std::mutex mutex_;
  mutable std::vector<Member> members_;  // mutable: `state` remembers processes it has seen
};

void ComposeCluster::up(std::stop_token stop) {
  const auto fail = [](const Error& error) {
    throw InfrastructureError(error.message + (error.hint.empty() ? "" : "\n" + error.hint));
  };
  auto engine = find_engine();
  if (!engine) fail(engine.error());
  engine_ = *engine;
  auto image = obtain_image(setting_.spec.version, stop);
  if (!image) fail(image.error());
  image_ = *image;
  fs::create_directories(setting_.work_dir);
  // What is in the files may be secret, and only compose reads them.
  const DataFolder folder(setting_.work_dir, setting_.run_id);
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    try {
      start_containers(folder.path() / "compose.env", stop);
      break;
    } catch (const PortTaken&) {
      if (attempt == attempts) throw;
      for (const auto& line : down()) notice(line);
    }
  }
}

void ComposeCluster::start_containers(const fs::path& environment, const std::stop_token& stop) {
  const auto count = static_cast<std::size_t>(setting_.spec.brokers);
  ReservedPorts reserved(fitted(Gear::proxy) ? loopback_ports(setting_.spec) : count);
  place_nodes(reserved.ports());
  make_disks();
  write_environment(environment);
  reserved.release();
  proxy_ = proxy_before(setting_.spec, places());
  compose_up(environment, stop, now() + setting_.spec.start_budget);
  find_containers();
  if (fitted(Gear::limits)) {
    limits_ = std::make_unique<NodeLimits>(setting_.run_id, setting_.spec.cpus, all_limits);
    for (Member& each : members()) take_into_group(each);
  }
  await_answers(stop, now() + setting_.spec.start_budget);
  // Nodes sync not all that they format, and without it one that lost power never starts again.
  if (disks_) disks_->keep_all();
}

// Whoever the image runs as may write there; the folder above is its owner's alone.
void ComposeCluster::make_disks() {
  if (!fitted(Gear::disks)) return;
  data_ = std::make_unique<DataFolder>(data_root(setting_), setting_.run_id);
  disks_ = disks_under(setting_, data_->path());
  for (const auto& node : node_list(setting_.spec)) {
    for (const auto& name : folder_names(setting_.spec, node)) {
      const auto data = data_on_disk(data_->path(), name);
      fs::create_directory(data);
      fs::permissions(data, fs::perms::all);
    }
  }
}

std::vector<fs::path> ComposeCluster::data_in(const Node& node) const {
  const auto names = folder_names(setting_.spec, node);
  if (names.size() == 1) return {data_in_container};
  std::vector<fs::path> out;
  for (std::size_t dir = 1; dir <= names.size(); ++dir)
    out.push_back(fs::path(data_in_container) / ("dir-" + std::to_string(dir)));
  return out;
}

// Right after its start, as what memory it has by then counts elsewhere.
void ComposeCluster::take_into_group(Member& each) {
  if (!limits_) return;
  const auto state = state_of(each);
  if (state.kind == ProcessState::Kind::exited) return;  // whoever awaits its answer tells why
  if (state.host_pid == 0 || each.process.pid == 0) {
    throw InfrastructureError("the process of " + node_name(each.node) +
                              " cannot be seen on this machine, hence not be limited");
  }
  limits_->started(each.node.id, node_name(each.node), each.process.pid);
}

void ComposeCluster::place_nodes(const std::vector<int>& ports) {
  const std::lock_guard guard(mutex_);
  members_.clear();
  std::map<NodeId, Place> behind;
  if (fitted(Gear::proxy)) behind = loopback_places(setting_.spec, ports);
  for (auto node : node_list(setting_.spec)) {
    Member made{.node = node, .place = {}, .port = 0, .container = "", .process = {}};
    if (fitted(Gear::proxy)) {
      made.place = behind.at(node.id);
      made.port = watched_port(setting_.spec, node, made.place);
    } else {
      made.place = {.bind = "0.0.0.0",
                    .host = node_name(node),
                    .client_host = "127.0.0.1",
                    .client_port = client_port,
                    .replication_port = replication_port,
                    .controller_port = controller_port};
      if (node.serves_clients()) made.port = ports.at(static_cast<std::size_t>(node.id.value - 1));
      made.place.advertised_port = made.port;
    }
    made.place.log_dirs = as_log_dirs(data_in(node), {});
    if (node.serves_clients()) made.node.address = loopback_address(made.port);
    members_.push_back(made);
  }
}

void ComposeCluster::write_environment(const fs::path& file) const {
  std::string text = "# Made by the harness: what all nodes of this cluster share.\n";
  for (const auto& [name, value] : common_properties(setting_.spec, places())) {
    text += to_env_name(name) + "=" + value + "\n";
  }
  // Whatever the image: the collector that local nodes have, and its log (run/gc_log.hpp).
  text +=
      "KAFKA_JVM_PERFORMANCE_OPTS=-XX:+UseSerialGC -XX:-UsePerfData -XX:+PrintCommandLineFlags "
      "-Xlog:gc:stdout:timenanos,tags\n";
  text += "KAFKA_HEAP_OPTS=-Xms" + setting_.spec.heap + " -Xmx" + setting_.spec.heap + "\n";
  write_file(file, text, Readers::owner);
}

// What each node has for itself by the scenario stands in a further file (JSON is YAML, too).
std::vector<std::string> ComposeCluster::compose_files(const fs::path& folder) const {
  const auto home = project_home() / "compose";
  const auto nodes = home / (fitted(Gear::proxy) ? "loopback.yaml" : "apache.yaml");
  std::vector<std::string> files{"-f", nodes.string()};
  nlohmann::json services = nlohmann::json::object();
  for (const auto& each : members()) {
    auto& service = services[node_name(each.node)];
    auto& environment = service["environment"] = nlohmann::json::object();
    const auto rack = rack_of(setting_.spec, each.node);
    if (!rack.empty()) environment[to_env_name("broker.rack")] = rack;
    environment[to_env_name("log.dirs")] = each.place.log_dirs;
    if (fitted(Gear::proxy)) {
      environment["CLUSTER_ID"] = setting_.cluster_id;
      for (const auto& [name, value] : own_properties(each.node, each.place))
        environment[to_env_name(name)] = value;
    }
    if (!disks_) continue;
    const auto folders = data_in(each.node);
    std::size_t next = 0;
    for (const auto& name : folder_names(setting_.spec, each.node))
      service["volumes"].push_back({{"type", "bind"},
                                    {"source", data_on_disk(data_->path(), name).string()},
                                    {"target", folders.at(next++).string()}});
  }
  const auto file = folder / "nodes.json";
  write_file(file, nlohmann::json{{"services", services}}.dump(), Readers::owner);
  files.insert(files.end(), {"-f", file.string()});
  return files;
}

void ComposeCluster::compose_up(const fs::path& environment, const std::stop_token& stop,
                                Instant until) {
  auto argv = engine_.compose;
  argv.insert(argv.end(), {"-p", project_});
  for (auto& word : compose_files(environment.parent_path())) argv.push_back(std::move(word));
  argv.insert(argv.end(), {"up", "-d"});
  ToolOptions options{.env = {{"SEATRIAL_RUN", setting_.run_id},
                              {"SEATRIAL_OWNER", owner_of_runs()},
                              {"SEATRIAL_IMAGE", image_},
                              {"SEATRIAL_CLUSTER_ID", setting_.cluster_id},
                              {"SEATRIAL_ENV_FILE", environment.string()},
                              {run_variable, setting_.run_id}},
                      .cwd = setting_.work_dir,
                      .stop = stop,
                      .show_output = false};
  // Always, as the caller's environment could hold others.
  options.env["SEATRIAL_BROKER_ROLES"] = setting_.spec.combined ? "broker,controller" : "broker";
  options.env["SEATRIAL_CPUS"] = fmt::format("{}", setting_.spec.cpus);
  options.env["SEATRIAL_COMBINED_LISTENER"] =
      setting_.spec.combined ? ",CONTROLLER://0.0.0.0:" + std::to_string(controller_port) : "";
  for (const auto& each : members()) {
    argv.push_back(node_name(each.node));
    if (each.port != 0) {
      options.env["SEATRIAL_PORT_" + std::to_string(each.node.id.value)] =
          std::to_string(each.port);
    }
  }
  started_ = true;
  const auto outcome = run_tool(argv, until - now(), options);
  cut_short_ = outcome.timed_out;
  if (stop.stop_requested()) throw Interrupted();
  if (outcome.ok()) return;
  const auto said = last_lines(outcome.out + "\n" + outcome.err, shown_log_lines);
  const auto message = "compose did not start the containers (" +
                       (outcome.timed_out ? "no end in time" : to_string(outcome.status)) + "):\n" +
                       said;
  const bool taken = said.find("already in use") != std::string::npos ||
                     said.find("already allocated") != std::string::npos;
  if (taken) throw PortTaken(message);
  throw InfrastructureError(message);
}

void ComposeCluster::find_containers() {
  const auto found = docker(
      {"ps", "-a", "--no-trunc", "--filter", std::string("label=") + project_label + "=" + project_,
       "--format", "{{.Label \"com.docker.compose.service\"}} {{.ID}}"},
      20s);
  if (!found.ok()) throw InfrastructureError("cannot list containers: " + found.complaint());
  const std::lock_guard guard(mutex_);
  for (const auto& line : lines_of(found.out)) {
    const auto space = line.find(' ');
    for (auto& each : members_) {
      if (node_name(each.node) == line.substr(0, space)) each.container = line.substr(space + 1);
    }
  }
  for (const auto& each : members_) {
    if (each.container.empty()) {
      throw InfrastructureError("compose made no container of " + node_name(each.node));
    }
  }
}

void ComposeCluster::await_answers(const std::stop_token& stop, Instant until) {
  std::vector<Member> waiting = members();
  while (!waiting.empty()) {
    for (auto it = waiting.begin(); it != waiting.end();) {
      if (stop.stop_requested()) throw Interrupted();
      Member& each = *it;
      const auto state = state_of(each);
      if (state.kind == ProcessState::Kind::exited) fail_start(each, to_string(state));
      if (now() >= until) {
        fail_start(each, "does not answer within " + format_duration(setting_.spec.start_budget));
      }
      it = answers(each, stop) ? waiting.erase(it) : it + 1;
    }
    if (!waiting.empty()) std::this_thread::sleep_for(50ms);
  }
}

bool ComposeCluster::answers(const Member& each, const std::stop_token& stop) const {
  // A controller publishes no port of its own; its log tells.
  if (each.port != 0) return kafka_answers(each.port, 1s);
  return log_of(each, stop).find("Kafka Server started") != std::string::npos;
}

void ComposeCluster::fail_start(const Member& each, const std::string& what) const {
  const auto log = log_of(each);
  const auto message = node_name(each.node) + " did not start: " + what + "; its last lines:\n" +
                       last_lines(log, shown_log_lines);
  if (log.find("Address already in use") != std::string::npos) throw PortTaken(message);
  throw InfrastructureError(message);
}

std::string ComposeCluster::log_of(const Member& each, const std::stop_token& stop) const {
  const auto logs = docker({"logs", each.container}, 30s,
                           {.env = {}, .cwd = {}, .stop = stop, .show_output = false});
  return logs.ok() ? logs.out + logs.err : "(no log: " + logs.complaint() + ")";
}

std::vector<std::string> ComposeCluster::down() noexcept {
  std::vector<std::string> undone;
  try {
    if (limits_) limits_->thaw_all();  // a frozen process does not end
    take_containers_down(undone);
    limits_.reset();
    proxy_.reset();
    for (auto& line : take_down(disks_, data_)) undone.push_back(std::move(line));
  } catch (const std::exception& error) {
    undone.push_back(std::string("compose cluster not taken down: ") + error.what());
  }
  return undone;
}

void ComposeCluster::take_containers_down(std::vector<std::string>& undone) {
  if (!std::exchange(started_, false)) return;
  // It may have left a container in the making with the engine, which no list shows yet.
  if (std::exchange(cut_short_, false)) std::this_thread::sleep_for(1s);
  for (auto& line : remove_labelled({std::string(project_label) + "=" + project_,
                                     std::string(run_label) + "=" + setting_.run_id},
                                    nullptr)) {
    if (!line.starts_with("removed ")) undone.push_back(std::move(line));
  }
  const std::lock_guard guard(mutex_);
  for (auto& each : members_) {
    each.container.clear();
    each.process = {};
  }
}

std::string ComposeCluster::bootstrap() const {
  std::string joined;
  for (const auto& each : members()) {
    if (!each.node.serves_clients()) continue;
    joined += (joined.empty() ? "" : ",") + loopback_address(each.place.advertised_port);
  }
  return joined;
}

std::vector<Node> ComposeCluster::nodes() const {
  const auto placed = members();
  if (placed.empty()) return node_list(setting_.spec);
  std::vector<Node> all;
  for (const auto& each : placed) all.push_back(each.node);
  return all;
}

void ComposeCluster::collect_logs(const fs::path& dir) {
  std::error_code failure;
  fs::create_directories(dir, failure);
  for (const auto& each : members()) {
    if (!each.container.empty()) write_file(dir / (node_name(each.node) + ".log"), log_of(each));
  }
}

std::map<std::string, std::string> ComposeCluster::effective_config() const {
  const auto placed = places();
  return placed.empty() ? Properties{} : common_properties(setting_.spec, placed);
}

std::map<std::string, std::string> ComposeCluster::facts() const {
  std::map<std::string, std::string> all;
  for (const auto& each : members()) {
    if (!each.node.serves_clients()) continue;
    all = jvm_facts(log_of(each));
    break;  // they are all started alike
  }
  all["image"] = image_;
  if (proxy_) all["proxy"] = "before the listeners of clients, brokers and controllers";
  if (disks_)
    all["disks"] = "ext4 of " + format_bytes(disk_bytes) + " for each log dir, on images of ours";
  if (limits_) all["limits"] = "a control group around each node";
  if (setting_.spec.cpus > 0) all["cpus"] = fmt::format("{}", setting_.spec.cpus);
  all["engine"] = "docker " + engine_.version;
  all["compose"] = engine_.compose_version;
  return all;
}

void ComposeCluster::signal(NodeId node, Signal signal) {
  Member each = member(node);
  const auto before = state_of(each);
  const auto name = node_name(each.node);
  if (before.kind != ProcessState::Kind::running && before.kind != ProcessState::Kind::paused) {
    throw InfrastructureError(name + " has no process: it is " + to_string(before));
  }
  const auto [number, word] = system_signal(signal);
  if (each.process.pid != 0 && send_signal(each, number)) return;
  // Unseen processes cannot be told stopped from running, so the engine has to freeze those.
  std::vector<std::string> command{"kill", "-s", word, each.container};
  if (each.process.pid == 0 && signal == Signal::pause) command = {"pause", each.container};
  if (each.process.pid == 0 && signal == Signal::resume) command = {"unpause", each.container};
  const auto outcome = docker(command, 20s);
  if (!outcome.ok()) throw InfrastructureError(name + ": " + outcome.complaint());
}

// Whether the signal was sent; false if this user may not, and the engine has to.
bool ComposeCluster::send_signal(const Member& each, int number) const {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, each.process.pid, 0));
  if (pidfd < 0) return false;
  const ScopeGuard closing([pidfd]() noexcept { close(pidfd); });
  const auto stat = read_proc_stat(each.process.pid);
  if (!stat || stat->start_ticks != each.process.start_ticks) return false;
  return syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0) == 0;
}

void ComposeCluster::start(NodeId node) {
  Member each = member(node);
  const auto before = state_of(each);
  if (before.kind == ProcessState::Kind::running || before.kind == ProcessState::Kind::paused) {
    return;
  }
  await_told_end(each);
  const auto outcome = docker({"start", each.container}, 60s);
  if (!outcome.ok()) throw InfrastructureError(node_name(each.node) + ": " + outcome.complaint());
  take_into_group(each);
}

ProcessState ComposeCluster::state(NodeId node) const {
  Member each = member(node);
  auto state = state_of(each);
  const bool runs = state.kind == ProcessState::Kind::running;
  if (runs && limits_ && limits_->is_frozen(node)) state.kind = ProcessState::Kind::paused;
  return state;
}

// Reads /proc where the process is known, so that a fault may ask every millisecond; asks the
// engine when it is not, or is gone.
ProcessState ComposeCluster::state_of(Member& each) const {
  if (each.container.empty()) return {};
  const SeenProcess known = each.process;
  const auto stat = known.pid != 0 ? read_proc_stat(known.pid) : std::nullopt;
  if (stat && stat->start_ticks == known.start_ticks) return state_in_proc(*stat, known.pid);
  const auto container = inspect(each.container);
  if (!container) return {};
  const ProcessState told = to_process_state(*container);
  if (told.host_pid == 0) {
    remember(each.node.id, each.process = {});
    return told;
  }
  // The engine learns of an end a little later than /proc does.
  if (known.pid == told.host_pid) return state_in_proc({.state = 'X'}, known.pid);
  const auto seen = read_proc_stat(told.host_pid);
  if (!seen || !is_container_process(told.host_pid, each.container)) return told;
  remember(each.node.id, each.process = {told.host_pid, seen->start_ticks});
  return state_in_proc(*seen, told.host_pid);
}

// The engine starts no container whose end it has not seen.
void ComposeCluster::await_told_end(Member& each) const {
  const auto until = now() + 5s;
  while (state_of(each).kind == ProcessState::Kind::dying && now() < until)
    std::this_thread::sleep_for(10ms);
}

std::vector<ComposeCluster::Member> ComposeCluster::members() const {
  const std::lock_guard guard(mutex_);
  return members_;
}

ComposeCluster::Member ComposeCluster::member(NodeId node) const {
  const auto all = members();
  const auto at =
      std::ranges::find_if(all, [&](const Member& each) { return each.node.id == node; });
  if (at == all.end()) {
    throw InfrastructureError("the cluster has no node " + std::to_string(node.value));
  }
  return *at;
}

void ComposeCluster::remember(NodeId node, const SeenProcess& process) const {
  const std::lock_guard guard(mutex_);
  for (Member& each : members_) {
    if (each.node.id == node) each.process = process;
  }
}

std::map<NodeId, Place> ComposeCluster::places() const {
  std::map<NodeId, Place> all;
  for (const auto& each : members()) all.emplace(each.node.id, each.place);
  return all;
}

std::optional<std::string> unavailable(const ClusterSpec& spec) {
  if (auto reason = compose_refuses(spec)) return reason;
  if (const auto cache = kafka_cache(spec.version); !cache) return cache.error().message;
  const auto engine = find_engine();
  if (!engine) return engine.error().message + "; " + engine.error().hint;
  const bool can_build = std::getenv("SEATRIAL_LAUNCHER") != nullptr ||
                         (find_program("jlink") && find_program("busybox"));
  if (can_build || present_image(spec.version) || can_pull(spec.version)) return std::nullopt;
  return "no image of Kafka " + spec.version + " is there or can be pulled, and building one " +
         "needs a JDK and busybox; apt-get install -y default-jdk-headless busybox-static maven";
}

std::optional<std::string> lacks(Gear gear) {
  if (const auto elsewhere = engine_elsewhere()) return *elsewhere + "; use --cluster local";
  if (gear == Gear::disks) return no_disks();
  return gear == Gear::limits ? GroupTrees().lacks(all_limits) : std::nullopt;
}

std::vector<std::string> sweep_containers() {
  std::vector<std::string> lines;
  const ToolOptions options{.env = {}, .cwd = {}, .stop = program_stop()};
  if (!docker({"version", "--format", "{{.Server.Version}}"}, 5s, options).ok()) return lines;
  try {
    const auto ours = std::string(owner_label) + "=" + owner_of_runs();
    for (auto& line : remove_labelled({ours}, run_is_alive, program_stop()))
      lines.push_back(std::move(line));
  } catch (const InfrastructureError& error) {
    lines.push_back(std::string("could not look for containers: ") + error.what());
  }
  return lines;
}

std::vector<std::string> sweep(const fs::path&) {
  thaw_dead_groups();  // else what is in them does not end
  auto lines = sweep_processes();
  // A compose that was just ended may have left a container in the making with the engine.
  if (!lines.empty() && find_program("docker")) std::this_thread::sleep_for(1s);
  if (find_program("docker"))
    for (auto& line : sweep_containers()) lines.push_back(std::move(line));
  // Which containers had bound into them.
  for (auto& line : sweep_disks()) lines.push_back(std::move(line));
  for (auto& line : sweep_data()) lines.push_back(std::move(line));
  for (auto& line : sweep_control_groups()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

const ClusterKindRegistration compose_registration{{
    .name = "compose",
    .help = "real brokers as containers, by docker compose or docker-compose",
    .has_processes = true,
    .gear = {Gear::proxy, Gear::disks, Gear::limits},
    .evidence_about_kafka = true,
    .make = [](const ClusterSetting& setting) -> std::unique_ptr<Cluster> {
      return std::make_unique<ComposeCluster>(setting);
    },
    .unavailable = unavailable,
    .lacks = lacks,
    .sweep = sweep,
}};

}  // namespace seatrial::clusters
