// What a cluster is to the rest of the harness: addresses, a life cycle, and capabilities it may
// have. Capabilities are types: a fault asks for `processes()`, and a cluster without processes of
// its own hands out nullptr, so that the scenario is refused before anything starts.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/gear.hpp"
#include "core/ids.hpp"
#include "core/registry.hpp"
#include "core/time.hpp"

namespace seatrial {

class Network;  // core/network.hpp
class Disks;    // core/disks.hpp
class Clocks;   // core/clocks.hpp
class Limits;   // core/limits.hpp
class Clients;  // core/clients.hpp

enum class NodeRole { broker, controller, combined };

struct Node {
  NodeId id;
  NodeRole role = NodeRole::broker;
  // host:port of the listener that the harness's own questions go to, which speaks what
  // Cluster::connection() says: plaintext, where the cluster is ours, whatever clients speak to
  // theirs. Empty for a pure controller.
  std::string address;
  [[nodiscard]] bool serves_clients() const { return role != NodeRole::controller; }
};

// What a scenario's `cluster:` says, checked and complete.
struct ClusterSpec {
  std::string kind = "auto";
  std::string version = "4.3.1";
  // Of a cluster that is not ours: where it is, the client.properties that say how to connect (its
  // path, absolute; empty: plaintext), and what these say by librdkafka's names, secrets included.
  std::string bootstrap;
  std::string properties_file;
  std::map<std::string, std::string> connection;
  int brokers = 3;
  int controllers = 1;  // separate controllers; with `combined`, brokers that also vote
  bool combined = false;
  bool fast_timeouts = true;                  // `timeouts: fast`, else Kafka's defaults
  std::map<std::string, std::string> config;  // broker properties by Kafka's names, on every node
  // By Kafka's names: what each broker allows each client, in bytes per second or in percent of a
  // thread.
  std::map<std::string, double> quotas;
  // Of the listener for clients: plaintext, ssl, sasl_plaintext or sasl_ssl, as the workloads'
  // security.protocol says.
  std::string client_protocol = "plaintext";
  // Who may log in by SCRAM, and with which password.
  std::map<std::string, std::string> users;
  // The level of each of Kafka's features that the cluster is formatted with; of others, and
  // where it is empty, the release's own.
  std::map<std::string, std::string> features;
  // Broker n is in the one at place (n - 1) modulo their number; empty: brokers have none.
  std::vector<std::string> racks;
  // Of each broker, whether it votes or not; a controller of its own has one. The first has the
  // cluster's metadata.
  int log_dirs = 1;
  std::string heap = "512m";
  double cpus = 0;             // cores that each node may use; 0: as many as there are
  std::string data;            // folder for the brokers' data; empty: tmpfs where there is room
  std::set<Gear> gear;         // asked for, or wanted by a fault of the timeline
  bool broker_metrics = true;  // ask brokers' JVMs once a second (JMX); local clusters only
  nanoseconds start_budget{std::chrono::seconds(90)};
  friend bool operator==(const ClusterSpec&, const ClusterSpec&) = default;
};

// What the runner adds to the spec for one trial.
struct ClusterSetting {
  ClusterSpec spec;
  std::string run_id;      // label of everything that is started; found again by `down`
  std::string cluster_id;  // 22 characters, unique per trial
  std::filesystem::path
      work_dir;  // brokers' configuration, logs, pid files; lives in the run folder
  // All that the trial will make by name: a cluster that goes on without it has to be rid of them.
  std::vector<std::string> topics{}, groups{};
};

struct ProcessState {
  // dying: it executes nothing any more, while the kernel still takes it apart (a third of a second
  // for a broker in a container) and how it ended is not known.
  enum class Kind { running, paused, dying, exited, absent };
  Kind kind = Kind::absent;
  int host_pid = 0;              // as this machine sees it; 0 if there is none
  std::optional<int> exit_code;  // of a process that exited by itself
  std::optional<int> signal;     // of a process that a signal ended
  friend bool operator==(const ProcessState&, const ProcessState&) = default;
};
std::string to_string(const ProcessState& state);  // "running (pid 123)", "killed by signal 9"

enum class Signal { kill, terminate, pause, resume };

// The brokers' processes. Thread-safe. Every call throws InfrastructureError if it could not be
// carried out; whether it had its effect is read back with `state`, never assumed.
class Processes {
 public:
  virtual ~Processes() = default;
  virtual void signal(NodeId node, Signal signal) = 0;
  // Starts a node that is gone again, with its data, configuration and address. Returns once the
  // process exists; readiness is the watch's to see. Nothing to do if it runs.
  virtual void start(NodeId node) = 0;
  [[nodiscard]] virtual ProcessState state(NodeId node) const = 0;
};

// A cluster that answers no administration requests (the mock) makes topics itself.
class TopicMaker {
 public:
  virtual ~TopicMaker() = default;
  virtual void create_topic(const std::string& name, int partitions, int replication) = 0;
};

class Cluster {
 public:
  virtual ~Cluster() = default;
  [[nodiscard]] virtual std::string kind() const = 0;
  // Starts every node and returns when each listener accepts connections. Throws
  // InfrastructureError with the last log lines of a node that did not come up, Interrupted if
  // `stop` was requested.
  virtual void up(std::stop_token stop) = 0;
  // Ends every process and frees all that was made; idempotent. What could not be undone is
  // returned.
  virtual std::vector<std::string> down() noexcept = 0;
  // Where clients dial, in the protocol of the spec.
  [[nodiscard]] virtual std::string bootstrap() const = 0;
  // What the harness's own clients need to talk to the nodes' addresses, by librdkafka's names;
  // empty: plaintext. Holds secrets.
  [[nodiscard]] virtual std::map<std::string, std::string> connection() const { return {}; }
  // Who may log in, and with which password; of clusters that were told. Holds secrets.
  [[nodiscard]] virtual std::map<std::string, std::string> users() const { return {}; }
  [[nodiscard]] virtual std::vector<Node> nodes() const = 0;
  [[nodiscard]] virtual Processes* processes() { return nullptr; }
  [[nodiscard]] virtual Network* network() { return nullptr; }
  [[nodiscard]] virtual Disks* disks() { return nullptr; }
  [[nodiscard]] virtual Clocks* clocks() { return nullptr; }
  [[nodiscard]] virtual Limits* limits() { return nullptr; }
  [[nodiscard]] virtual Clients* clients() { return nullptr; }
  [[nodiscard]] virtual TopicMaker* topic_maker() { return nullptr; }
  // Copies what the nodes logged so far to `dir`/<node>.log.
  virtual void collect_logs(const std::filesystem::path& dir) = 0;
  // Properties the nodes run with, by Kafka's names, and facts worth a record (image, java, jars).
  [[nodiscard]] virtual std::map<std::string, std::string> effective_config() const = 0;
  [[nodiscard]] virtual std::map<std::string, std::string> facts() const { return {}; }
};

using ClusterFactory = std::unique_ptr<Cluster> (*)(const ClusterSetting&);

// A cluster kind. Not a Plugin<Cluster>: its options are the fixed ClusterSpec, and before one is
// made `auto` has to ask whether this machine can run it.
struct ClusterKind {
  std::string name;
  std::string help;
  bool has_processes = false;        // whether faults on nodes can be done
  std::set<Gear> gear{};             // what its clusters can be fitted with
  bool evidence_about_kafka = true;  // false for the mock
  // Others use it too, before and after: what a trial makes gets a prefix of its run's, and is
  // removed by name.
  bool shared = false;
  ClusterFactory make = nullptr;
  // Why this machine cannot run the kind, with what to do about it; nothing if it can. May take
  // seconds.
  std::optional<std::string> (*unavailable)(const ClusterSpec&) = nullptr;
  // Why this machine cannot fit a cluster of the kind with one of its gear, with what to do about
  // it; nothing if it can. Null: it always can.
  std::optional<std::string> (*lacks)(Gear) = nullptr;
  // Removes what dead runs left behind; returns one line for each thing removed.
  std::vector<std::string> (*sweep)(const std::filesystem::path& results) = nullptr;
};

class ClusterKinds {
 public:
  static ClusterKinds& instance();
  void add(ClusterKind kind);
  [[nodiscard]] const ClusterKind* find(std::string_view name) const;
  [[nodiscard]] const std::vector<ClusterKind>& all() const { return kinds_; }

 private:
  std::vector<ClusterKind> kinds_;  // in name order
};

// The first of the gear that clusters of the kind cannot be fitted with, if any.
std::optional<Gear> not_offered(std::string_view kind, const std::set<Gear>& gear);

struct ClusterKindRegistration {
  explicit ClusterKindRegistration(ClusterKind kind) {
    ClusterKinds::instance().add(std::move(kind));
  }
};

}  // namespace seatrial
