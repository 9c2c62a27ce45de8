// A cluster, and the one that stands in for it for the length of a trial.
#include "run/kept_cluster.hpp"

#include <exception>
#include <utility>

#include "clusters/files.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"
#include "run/own_access.hpp"
#include "run/readiness.hpp"

namespace seatrial::run {

struct KeptCluster::Running {
  ClusterSpec spec;
  std::unique_ptr<Cluster> cluster;
  bool up = false;
  bool spoilt = false;  // topics of a trial could not be deleted
};

namespace {

constexpr auto deletion_time = seconds(20);

class Lent final : public Cluster {
 public:
  Lent(std::shared_ptr<KeptCluster::Running> running, const scenario::TrialPlan& trial)
      : running_(std::move(running)) {
    for (const auto& topic : trial.topics) topics_.push_back(topic.name);
    topics_.push_back(canary_name(trial.prefix));
  }
  [[nodiscard]] std::string kind() const override { return own().kind(); }
  void up(std::stop_token stop) override {
    if (!running_->up) own().up(std::move(stop));
    running_->up = true;
    lent_ = true;
  }
  std::vector<std::string> down() noexcept override {
    if (!std::exchange(lent_, false)) return {};
    try {
      const auto done =
          kafka::Admin(own_access(own())).delete_topics(topics_, now() + deletion_time);
      running_->spoilt = !done;
      if (!done) clusters::notice("brokers are started anew: " + done.error().message);
    } catch (const std::exception& error) {
      running_->spoilt = true;
      clusters::notice(std::string("brokers are started anew: ") + error.what());
    }
    return running_->spoilt ? own().down() : std::vector<std::string>{};
  }
  [[nodiscard]] std::string bootstrap() const override { return own().bootstrap(); }
  [[nodiscard]] std::map<std::string, std::string> connection() const override {
    return own().connection();
  }
  [[nodiscard]] std::vector<Node> nodes() const override { return own().nodes(); }
  [[nodiscard]] Processes* processes() override { return own().processes(); }
  [[nodiscard]] Network* network() override { return own().network(); }
  [[nodiscard]] Disks* disks() override { return own().disks(); }
  void collect_logs(const std::filesystem::path& dir) override { own().collect_logs(dir); }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override {
    return own().effective_config();
  }
  [[nodiscard]] std::map<std::string, std::string> facts() const override { return own().facts(); }

 private:
  [[nodiscard]] Cluster& own() const { return *running_->cluster; }

  std::shared_ptr<KeptCluster::Running> running_;
  std::vector<std::string> topics_;
  bool lent_ = false;
};

}  // namespace

KeptCluster::KeptCluster() = default;
KeptCluster::~KeptCluster() { end(); }

std::unique_ptr<Cluster> KeptCluster::lend(const scenario::TrialPlan& trial,
                                           std::unique_ptr<Cluster> made) {
  if (made->topic_maker() != nullptr) return made;
  const bool same = running_ && !running_->spoilt && running_->spec == trial.cluster;
  if (!same) {
    end();  // before the next one starts: they would share the machine
    running_ = std::make_shared<Running>();
    running_->spec = trial.cluster;
    running_->cluster = std::move(made);
  }
  return std::make_unique<Lent>(running_, trial);
}

void KeptCluster::end() noexcept {
  if (!running_) return;
  for (const auto& left : running_->cluster->down()) clusters::notice(left);
  running_.reset();
}

}  // namespace seatrial::run
