// Cluster kind `external`: brokers that run without us, and go on. It starts nothing. Its nodes are
// those that the brokers tell of; what a trial makes there is noted before it is made, and removed
// by name at the end.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "clusters/foreign_leftovers.hpp"
#include "clusters/leftovers.hpp"
#include "core/check.hpp"
#include "core/cluster.hpp"
#include "core/java_connection.hpp"
#include "kafka/addresses.hpp"
#include "kafka/admin.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr auto removal_time = seconds(60);  // a member that was killed stays for its session
constexpr auto sweep_time = seconds(60);
constexpr auto reach_time = seconds(3);  // of a sweep: the cluster may be gone for good

// From the first that answers.
Result<kafka::wire::Metadata> ask_metadata(const kafka::Access& access,
                                           const std::vector<std::string>& topics,
                                           Instant deadline) {
  const auto security = access.security();
  if (!security) return security.error();
  Error trouble{"there is no address to ask", ""};
  for (const auto& address : kafka::addresses_in(access.bootstrap)) {
    const Instant until = std::min<Instant>(deadline, now() + seconds(10));
    auto connection = kafka::wire::Connection::open(address, until, *security);
    if (!connection) {
      trouble = connection.error();
      continue;
    }
    auto reported = connection->metadata(topics, until);
    if (reported) return reported;
    trouble = reported.error();
  }
  return trouble;
}

// Removes what is noted, and tells what is still there. Never throws for what a broker does.
std::vector<std::string> remove_noted(const kafka::Access& access, const ForeignNote& note,
                                      nanoseconds budget) {
  std::vector<std::string> left;
  const Instant deadline = now() + budget;
  kafka::Admin admin(access);
  for (const auto& topic : note.topics) {
    // One by one: what is told of the first that fails would hide the others.
    const auto gone =
        admin.delete_topics({topic}, std::min<Instant>(deadline, now() + seconds(20)));
    if (gone || gone.error().message.find("nknown topic") != std::string::npos) continue;
    left.push_back("topic " + topic + " on " + note.bootstrap + ": " + gone.error().message);
  }
  for (const auto& [group, why] : admin.delete_groups(note.groups, deadline))
    left.push_back("group " + group + " on " + note.bootstrap + ": " + why);
  return left;
}

class ExternalCluster final : public Cluster {
 public:
  explicit ExternalCluster(const ClusterSetting& setting)
      : setting_(setting),
        access_(setting.spec.bootstrap, setting.spec.connection),
        lock_(setting.work_dir, setting.run_id) {}
  ~ExternalCluster() override {
    for (const auto& line : down()) notice_left(line);
  }
  [[nodiscard]] std::string kind() const override { return "external"; }
  void up(std::stop_token stop) override;
  std::vector<std::string> down() noexcept override;
  [[nodiscard]] std::string bootstrap() const override { return setting_.spec.bootstrap; }
  [[nodiscard]] std::map<std::string, std::string> connection() const override {
    return setting_.spec.connection;
  }
  [[nodiscard]] std::vector<Node> nodes() const override { return nodes_; }
  void collect_logs(const fs::path&) override {}  // they are not ours to read
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override;
  [[nodiscard]] std::map<std::string, std::string> facts() const override;

 private:
  static void notice_left(const std::string& line) {
    std::fprintf(stderr, "seatrial: left behind: %s\n", line.c_str());
  }
  void refuse_present() const;

  ClusterSetting setting_;
  kafka::Access access_;
  RunLock lock_;
  std::vector<Node> nodes_;
  std::string cluster_id_;
  std::optional<ForeignEntry> entry_;
  ForeignNote note_;
  mutable std::optional<std::map<std::string, std::string>> config_;  // asked for once
  mutable std::string no_config_;
};

void ExternalCluster::up(std::stop_token stop) {
  if (stop.stop_requested()) throw Interrupted();
  const auto reported = ask_metadata(access_, {}, now() + setting_.spec.start_budget);
  if (!reported) {
    const auto& [message, hint] = reported.error();
    throw InfrastructureError("the cluster cannot be reached: " + message +
                              (hint.empty() ? "" : "; " + hint));
  }
  cluster_id_ = reported->cluster_id;
  nodes_.clear();
  for (const auto& broker : reported->brokers) {
    nodes_.push_back({.id = broker.id,
                      .role = NodeRole::broker,
                      .address = broker.host + ":" + std::to_string(broker.port)});
  }
  const auto wanted = static_cast<std::size_t>(setting_.spec.brokers);
  if (nodes_.size() < wanted) {
    throw InfrastructureError("the cluster has " + std::to_string(nodes_.size()) +
                              " brokers, and the scenario asks for " + std::to_string(wanted) +
                              ": lower cluster.brokers, and its topics' replication");
  }
  refuse_present();
  note_ = {.run_id = setting_.run_id,
           .bootstrap = setting_.spec.bootstrap,
           .properties_file = setting_.spec.properties_file,
           .topics = setting_.topics,
           .groups = setting_.groups};
  entry_.emplace(note_);
}

// What is noted is removed at the end: so it must not be anyone's.
void ExternalCluster::refuse_present() const {
  if (setting_.topics.empty()) return;
  const auto found = ask_metadata(access_, setting_.topics, now() + seconds(10));
  if (!found) throw InfrastructureError("the cluster tells no topics: " + found.error().message);
  for (const auto& topic : found->topics) {
    if (topic.error != 0) continue;
    throw InfrastructureError("topic " + topic.name + " is there already, and not this run's");
  }
}

std::vector<std::string> ExternalCluster::down() noexcept try {
  if (!entry_) return {};
  auto left = remove_noted(access_, note_, removal_time);
  if (left.empty()) entry_->forget();
  else left.push_back("./seatrial down tries again");
  entry_.reset();
  return left;
} catch (const std::exception& error) {
  return {std::string("topics and groups of this run: ") + error.what() +
          "; ./seatrial down tries again"};
}

std::map<std::string, std::string> ExternalCluster::effective_config() const {
  if (config_ || nodes_.empty()) return config_.value_or(std::map<std::string, std::string>());
  kafka::Admin admin(access_);
  auto config = admin.describe_broker_config(nodes_.front().id, now() + seconds(10));
  if (!config) no_config_ = config.error().message;
  config_ = config.value_or({});
  return *config_;
}

std::map<std::string, std::string> ExternalCluster::facts() const {
  std::map<std::string, std::string> out{
      {"bootstrap", setting_.spec.bootstrap},
      {"cluster_id", cluster_id_},
      {"names", foreign_prefix(setting_.run_id) + "...: topics and groups of this run, removed "
                                                  "when their trial has ended"},
      {"broker_metrics", "none: the processes of an external cluster are not ours to ask"}};
  if (!setting_.spec.properties_file.empty())
    out["client_properties"] = setting_.spec.properties_file;
  if (!no_config_.empty()) out["broker_config"] = "not told: " + no_config_;
  return out;
}

// One line for each run that left something.
std::vector<std::string> sweep_external(const fs::path&) {
  std::vector<std::string> lines;
  const Variables environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  for (const auto& [file, note] : dead_notes(lines)) {
    const std::string what = "topics and groups of run " + note.run_id + " on " + note.bootstrap;
    kafka::Access access(note.bootstrap);
    try {
      if (!note.properties_file.empty()) {
        auto how = read_java_connection(note.properties_file, environment);
        if (!how) throw InfrastructureError(how.error().message);
        access.properties = std::move(how->properties);
      }
      if (const auto reached = ask_metadata(access, {}, now() + reach_time); !reached) {
        throw InfrastructureError(reached.error().message +
                                  "; if it is gone for good, remove its note, " + file.string());
      }
      const auto left = remove_noted(access, note, sweep_time);
      if (left.empty()) {
        fs::remove(file);
        lines.push_back(what);
      }
      for (const auto& one : left) lines.push_back("could not remove " + one);
    } catch (const std::exception& error) {
      lines.push_back("could not remove " + what + ": " + error.what());
    }
  }
  return lines;
}

}  // namespace

const ClusterKindRegistration external_registration{{
    .name = "external",
    .help = "brokers that run already, at `bootstrap:`; nothing is started, and what a run makes "
            "there is removed again",
    .has_processes = false,
    .evidence_about_kafka = true,
    .shared = true,
    .make = [](const ClusterSetting& setting) -> std::unique_ptr<Cluster> {
      return std::make_unique<ExternalCluster>(setting);
    },
    .unavailable = [](const ClusterSpec&) { return std::optional<std::string>(); },
    .sweep = sweep_external,
}};

}  // namespace seatrial::clusters
