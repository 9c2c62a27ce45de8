// Cluster kind `local`: real brokers as JVM processes on loopback. Jars and start-up caches come
// from jars.hpp; each trial gets fresh data in memory (or in `data`), fresh ports and a cluster id
// of its own. Faults reach the processes through pidfds. Nothing here waits for the quorum: `up`
// returns when every listener answers, and the runner checks the rest.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <thread>

#include "clusters/data_root.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/leftovers.hpp"
#include "clusters/loopback.hpp"
#include "clusters/net.hpp"
#include "clusters/node_clocks.hpp"
#include "clusters/node_config.hpp"
#include "clusters/node_disks.hpp"
#include "clusters/node_limits.hpp"
#include "clusters/process.hpp"
#include "clusters/signal_numbers.hpp"
#include "core/check.hpp"
#include "core/cluster.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"
#include "core/utf8.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t shown_log_lines = 15;

constexpr std::array<std::string_view, 6> runtime_options{"_JAVA_OPTIONS",    "JAVA_TOOL_OPTIONS",
                                                          "JDK_JAVA_OPTIONS", "CLASSPATH",
                                                          "LD_PRELOAD",       "LD_LIBRARY_PATH"};

class LocalCluster final : public Cluster, private Processes {
 public:
  explicit LocalCluster(const ClusterSetting& setting)
      : setting_(setting), lock_(setting.work_dir, setting.run_id) {
    setting_.work_dir = fs::absolute(setting.work_dir);  // the nodes run in a folder of their own
    if (const auto refused = refused_config(setting.spec)) throw UsageError(*refused);
    if (first_not_utf8(setting_.work_dir.string())) {
      throw UsageError(setting_.work_dir.string() + " is not UTF-8, and Java cannot open it");
    }
  }
  ~LocalCluster() override {
    for (const auto& line : down()) notice(line);
  }
  [[nodiscard]] std::string kind() const override { return "local"; }
  void up(std::stop_token stop) override;
  std::vector<std::string> down() noexcept override;
  [[nodiscard]] std::string bootstrap() const override;
  [[nodiscard]] std::vector<Node> nodes() const override;
  [[nodiscard]] Processes* processes() override { return this; }
  [[nodiscard]] Network* network() override { return proxy_.get(); }
  [[nodiscard]] Clocks* clocks() override { return clocks_.get(); }
  [[nodiscard]] Limits* limits() override { return fitted(Gear::limits) ? limits_.get() : nullptr; }
  [[nodiscard]] Disks* disks() override { return disks_.get(); }
  void collect_logs(const fs::path& dir) override;
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override;
  [[nodiscard]] std::map<std::string, std::string> users() const override {
    return setting_.spec.users;
  }
  [[nodiscard]] std::map<std::string, std::string> facts() const override;

 private:
  struct Member {
    Node node;
    Place place;
    std::unique_ptr<Child> child{};  // null before the first start and after `down`
    int plain_port = 0;              // of the listener that the harness itself asks
  };

  // Processes
  void signal(NodeId node, Signal signal) override;
  void start(NodeId node) override;
  [[nodiscard]] ProcessState state(NodeId node) const override;

  void place_nodes(const std::vector<int>& ports);
  void make_clocks_and_limits();
  void prepare_node(const Member& member) const;
  void launch(Member& member) const;
  void await_answers(const std::stop_token& stop, Instant until) const;
  void fail_start(const Member& member, const std::string& what) const;
  [[nodiscard]] bool fitted(Gear gear) const { return setting_.spec.gear.contains(gear); }
  [[nodiscard]] std::vector<fs::path> data_of(const Node& node) const {
    std::vector<fs::path> out;
    for (const auto& name : folder_names(setting_.spec, node))
      out.push_back(fitted(Gear::disks) ? data_on_disk(data_->path(), name) : data_->path() / name);
    return out;
  }
  [[nodiscard]] fs::path file(const Member& member, const char* suffix) const {
    return setting_.work_dir / (node_name(member.node) + suffix);
  }
  // It may hold secrets, so it lies and goes with the data.
  [[nodiscard]] fs::path config_file(const Member& member) const {
    return data_->path() / (node_name(member.node) + ".properties");
  }
  [[nodiscard]] std::size_t index_of(NodeId node) const;
  [[nodiscard]] std::map<NodeId, Place> places() const;

  ClusterSetting setting_;
  RunLock lock_;
  std::optional<KafkaHome> home_;
  fs::path faketime_;  // empty: not wanted
  std::unique_ptr<DataFolder> data_;
  fs::path formatted_;  // what each node's data folder begins with
  // Null: none is wanted. Longer than the processes.
  std::unique_ptr<NodeLimits> limits_;
  std::unique_ptr<NodeClocks> clocks_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::unique_ptr<NodeDisks> disks_;
  mutable std::mutex mutex_;  // guards members_ and their children
  std::vector<Member> members_;
};

// Told once: whoever set them expects them to count.
void report_what_is_withheld() {
  static std::once_flag reported;
  std::call_once(reported, [] {
    std::string names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const auto name = text.substr(0, text.find('='));
      const bool known = std::ranges::find(runtime_options, name) != runtime_options.end();
      if (known || name.starts_with("KAFKA_"))
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    if (!names.empty()) notice("brokers do not get this of your environment: " + names);
  });
}

void LocalCluster::up(std::stop_token stop) {
  report_what_is_withheld();
  auto home = prepare_kafka(setting_.spec.version, stop);
  if (!home) {
    const auto& [message, hint] = home.error();
    throw InfrastructureError(message + (hint.empty() ? "" : "\n" + hint));
  }
  home_ = *home;
  std::error_code failure;
  fs::create_directories(setting_.work_dir, failure);
  if (failure) {
    throw InfrastructureError("cannot make " + setting_.work_dir.string() + ": " +
                              failure.message());
  }
  if (fitted(Gear::clocks)) {
    auto library = prepare_faketime(stop);
    if (!library) throw InfrastructureError(library.error().message + "\n" + library.error().hint);
    faketime_ = *library;
  }
  formatted_ = home_->formatted;
  std::optional<DataFolder> of_its_own;
  const auto &users = setting_.spec.users, &features = setting_.spec.features;
  if (!users.empty() || !features.empty()) {
    of_its_own.emplace(data_root(setting_), setting_.run_id);
    const auto made = format_with(*home_, of_its_own->path(), users, features, stop);
    if (!made) throw InfrastructureError(made.error().message);
    formatted_ = *made;
  }
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    data_ = std::make_unique<DataFolder>(data_root(setting_), setting_.run_id);
    ReservedPorts reserved(loopback_ports(setting_.spec));
    place_nodes(reserved.ports());
    disks_ = disks_under(setting_, data_->path());
    for (const auto& each : members_) prepare_node(each);
    // Kafka syncs not all that it formats, and without it a node that lost power never starts
    // again.
    if (disks_) disks_->keep_all();
    reserved.release();
    const auto until = now() + setting_.spec.start_budget;
    try {
      make_clocks_and_limits();
      proxy_ = proxy_before(setting_.spec, places());
      {
        const std::lock_guard guard(mutex_);
        for (auto& each : members_) launch(each);
      }
      await_answers(stop, until);
      return;
    } catch (const PortTaken&) {
      if (attempt == attempts) throw;
      for (const auto& line : down()) notice(line);
    }
  }
}

void LocalCluster::place_nodes(const std::vector<int>& ports) {
  const std::lock_guard guard(mutex_);
  members_.clear();
  auto places = loopback_places(setting_.spec, ports);
  for (auto node : node_list(setting_.spec)) {
    Place& place = places.at(node.id);
    place.log_dirs = as_log_dirs(data_of(node), setting_.work_dir);
    const int plain_port = watched_port(setting_.spec, node, place);
    if (node.serves_clients()) node.address = loopback_address(plain_port);
    members_.push_back({.node = node, .place = place, .plain_port = plain_port});
  }
}

void LocalCluster::make_clocks_and_limits() {
  if (fitted(Gear::clocks)) clocks_ = std::make_unique<NodeClocks>(faketime_, data_->path());
  if (!fitted(Gear::limits) && setting_.spec.cpus <= 0) return;
  limits_ =
      std::make_unique<NodeLimits>(setting_.run_id, setting_.spec.cpus,
                                   fitted(Gear::limits) ? all_limits : std::set{Controller::cpu});
}

// Writes the configuration, and data folders as the storage tool would have formatted them.
void LocalCluster::prepare_node(const Member& each) const {
  write_file(config_file(each),
             to_properties_text(node_properties(setting_.spec, each.node, places())),
             Readers::owner);
  NodeRole role = each.node.role;
  for (const fs::path& data : data_of(each.node)) {
    const auto failed = lay_out(formatted_, data, role);
    if (failed) throw InfrastructureError(failed->message);
    write_file(data / "meta.properties",
               "version=1\nnode.id=" + std::to_string(each.node.id.value) +
                   "\ncluster.id=" + setting_.cluster_id + "\n");
    role = NodeRole::broker;  // the quorum's log is in the first alone
  }
}

void LocalCluster::launch(Member& each) const {
  auto argv = broker_jvm(*home_, setting_.spec.heap, setting_.run_id);
  // A controller is never busy enough for the optimising compiler to pay for its 0.8 s of a start.
  if (!each.node.serves_clients()) argv.insert(argv.begin() + 1, "-XX:TieredStopAtLevel=1");
  argv.insert(argv.end(), {"kafka.Kafka", config_file(each).string()});
  std::map<std::string, std::string> environment;
  if (clocks_) environment = clocks_->environment(each.node.id);
  auto child = Child::spawn({.argv = argv,
                             .env = environment,
                             .cwd = setting_.work_dir,
                             .output = file(each, ".log"),
                             .in = nullptr,
                             .out = nullptr,
                             .bare = true});
  if (!child) throw InfrastructureError(child.error().message);
  each.child = std::move(*child);
  if (limits_) limits_->started(each.node.id, node_name(each.node), each.child->pid());
  if (clocks_) clocks_->started(each.node.id, each.child->pid());
}

void LocalCluster::await_answers(const std::stop_token& stop, Instant until) const {
  std::vector<const Member*> waiting;
  for (const auto& each : members_) waiting.push_back(&each);
  while (!waiting.empty()) {
    for (auto it = waiting.begin(); it != waiting.end();) {
      if (stop.stop_requested()) throw Interrupted();
      const Member& each = **it;
      const auto state = each.child->state();
      if (state.kind == ProcessState::Kind::exited) fail_start(each, to_string(state));
      if (now() >= until) {
        fail_start(each, "does not answer within " + format_duration(setting_.spec.start_budget));
      }
      it = kafka_answers(each.plain_port, 1s) ? waiting.erase(it) : it + 1;
    }
    if (!waiting.empty()) std::this_thread::sleep_for(20ms);
  }
}

void LocalCluster::fail_start(const Member& each, const std::string& what) const {
  const auto log = file(each, ".log");
  const auto text = file_text(log).value_or("");
  const auto message = node_name(each.node) + " did not start: " + what + "; its last lines (" +
                       log.string() + "):\n" + last_lines(text, shown_log_lines);
  if (text.find("Address already in use") != std::string::npos) throw PortTaken(message);
  throw InfrastructureError(message);
}

std::vector<std::string> LocalCluster::down() noexcept {
  std::vector<std::string> undone;
  try {
    const std::lock_guard guard(mutex_);
    for (const auto& each : members_) {
      if (each.child) each.child->kill_group();
    }
    if (limits_) limits_->thaw_all();  // a frozen process does not end
    for (auto& each : members_) {
      if (each.child && !each.child->wait(10s)) {
        undone.push_back(node_name(each.node) + " (pid " + std::to_string(each.child->pid()) +
                         ") does not end");
        continue;
      }
      each.child.reset();
    }
    limits_.reset();
    clocks_.reset();
    proxy_.reset();
    for (auto& line : take_down(disks_, data_)) undone.push_back(std::move(line));
  } catch (const std::exception& error) {
    undone.push_back(std::string("local cluster not taken down: ") + error.what());
  }
  return undone;
}

std::string LocalCluster::bootstrap() const {
  const std::lock_guard guard(mutex_);
  std::string joined;
  for (const auto& each : members_) {
    if (!each.node.serves_clients()) continue;
    joined += (joined.empty() ? "" : ",") + loopback_address(each.place.advertised_port);
  }
  return joined;
}

std::vector<Node> LocalCluster::nodes() const {
  const std::lock_guard guard(mutex_);
  if (members_.empty()) return node_list(setting_.spec);
  std::vector<Node> all;
  for (const auto& each : members_) all.push_back(each.node);
  return all;
}

void LocalCluster::collect_logs(const fs::path& dir) {
  const std::lock_guard guard(mutex_);
  for (const auto& each : members_) {
    const auto from = file(each, ".log");
    const auto to = dir / from.filename();
    std::error_code failure;
    fs::create_directories(dir, failure);
    if (!fs::exists(from) || fs::equivalent(from, to, failure)) continue;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, failure);
    if (failure) {
      throw InfrastructureError("cannot copy " + from.string() + ": " + failure.message());
    }
  }
}

std::map<std::string, std::string> LocalCluster::effective_config() const {
  const std::lock_guard guard(mutex_);
  if (members_.empty()) return {};
  return common_properties(setting_.spec, places());
}

std::map<std::string, std::string> LocalCluster::facts() const {
  std::map<std::string, std::string> all;
  const std::lock_guard guard(mutex_);
  for (const auto& each : members_) {
    if (!each.node.serves_clients()) continue;
    all = jvm_facts(file_text(file(each, ".log")).value_or(""));
    break;  // they are all started alike
  }
  if (home_) {
    all["jars"] = home_->lib.string();
    all["java"] = home_->java.version;
    all["class_data_archive"] = home_->archive ? "yes" : "no";
  }
  if (data_) all["data"] = data_->path().string();
  if (proxy_) all["proxy"] = "before the listeners of clients, brokers and controllers";
  if (disks_)
    all["disks"] = "ext4 of " + format_bytes(disk_bytes) + " for each log dir, on images of ours";
  if (setting_.spec.cpus > 0) all["cpus"] = fmt::format("{}", setting_.spec.cpus);
  if (clocks_) all["clocks"] = "told by " + faketime_.string();
  if (fitted(Gear::limits)) all["limits"] = "a control group around each node";
  return all;
}

void LocalCluster::signal(NodeId node, Signal signal) {
  const std::lock_guard guard(mutex_);
  const auto& each = members_[index_of(node)];
  if (!each.child) throw InfrastructureError(node_name(each.node) + " has no process");
  if (const auto error = each.child->signal(system_signal(signal).number)) {
    throw InfrastructureError(node_name(each.node) + ": " + error->message);
  }
}

void LocalCluster::start(NodeId node) {
  const std::lock_guard guard(mutex_);
  auto& each = members_[index_of(node)];
  if (each.child && each.child->state().kind == ProcessState::Kind::dying) each.child->wait(5s);
  if (each.child && each.child->state().kind != ProcessState::Kind::exited) return;
  launch(each);
}

ProcessState LocalCluster::state(NodeId node) const {
  const std::lock_guard guard(mutex_);
  const auto& each = members_[index_of(node)];
  auto state = each.child ? each.child->state() : ProcessState{};
  const bool runs = state.kind == ProcessState::Kind::running;
  if (runs && limits_ && limits_->is_frozen(node)) state.kind = ProcessState::Kind::paused;
  return state;
}

std::size_t LocalCluster::index_of(NodeId node) const {
  const auto at = std::find_if(members_.begin(), members_.end(),
                               [&](const auto& each) { return each.node.id == node; });
  if (at == members_.end()) {
    throw InfrastructureError("the cluster has no node " + std::to_string(node.value));
  }
  return static_cast<std::size_t>(at - members_.begin());
}

std::map<NodeId, Place> LocalCluster::places() const {
  std::map<NodeId, Place> all;
  for (const auto& each : members_) all.emplace(each.node.id, each.place);
  return all;
}

std::optional<std::string> unavailable(const ClusterSpec& spec) {
  if (spec.cpus > 0) {
    if (const auto why = GroupTrees().lacks({Controller::cpu}))
      return "cluster.cpus: " + *why + "; leave it out, or use compose";
  }
  const auto cache = kafka_cache(spec.version);
  if (!cache) return cache.error().message + "; " + cache.error().hint;
  // The launcher installs what is missing.
  if (std::getenv("SEATRIAL_LAUNCHER") != nullptr) return std::nullopt;
  const auto java = find_java();
  if (!java) return java.error().message + "; " + java.error().hint;
  if (!fs::exists(*cache / "lib") && !find_program("mvn")) {
    return "maven is not installed and the jars of Kafka " + spec.version +
           " are not cached; apt-get install -y maven";
  }
  return std::nullopt;
}

std::optional<std::string> lacks(Gear gear) {
  switch (gear) {
    case Gear::proxy: return std::nullopt;
    case Gear::disks: return no_disks();
    case Gear::limits: return GroupTrees().lacks(all_limits);
    case Gear::clocks: break;
  }
  // The launcher installs what is missing.
  if (find_faketime() || std::getenv("SEATRIAL_LAUNCHER") != nullptr) return std::nullopt;
  return "libfaketime is not installed; apt-get install -y libfaketime";
}

std::vector<std::string> sweep(const fs::path&) {
  thaw_dead_groups();              // else what is in them does not end
  auto lines = sweep_processes();  // first: a live broker would write on into its data folder
  for (auto& line : sweep_disks()) lines.push_back(std::move(line));
  for (auto& line : sweep_data()) lines.push_back(std::move(line));
  for (auto& line : sweep_control_groups()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

const ClusterKindRegistration local_registration{{
    .name = "local",
    .help = "real brokers as JVM processes on loopback; fastest start",
    .has_processes = true,
    .gear = {Gear::proxy, Gear::disks, Gear::clocks, Gear::limits},
    .evidence_about_kafka = true,
    .make = [](const ClusterSetting& setting) -> std::unique_ptr<Cluster> {
      return std::make_unique<LocalCluster>(setting);
    },
    .unavailable = unavailable,
    .lacks = lacks,
    .sweep = sweep,
}};

}  // namespace seatrial::clusters
