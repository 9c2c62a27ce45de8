// A real cluster for a test: up when constructed, gone when destroyed, in a folder of its own.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "clusters/leftovers.hpp"
#include "core/check.hpp"
#include "core/cluster.hpp"
#include "kafka/watch.hpp"

namespace seatrial::test {

class RealCluster {
 public:
  RealCluster(const std::string& kind, ClusterSpec spec, const std::string& name)
      : folder_(std::filesystem::temp_directory_path() /
                ("seatrial-test-" + name + "-" + std::to_string(::getpid()))) {
    const ClusterKind* found = ClusterKinds::instance().find(kind);
    check(found != nullptr, "cluster kind " + kind + " is registered");
    if (found->unavailable != nullptr) {
      if (const auto why = found->unavailable(spec)) throw InfrastructureError(*why);
    }
    std::filesystem::create_directories(folder_);
    const std::string run_id = folder_.filename().string();
    lock_ = std::make_unique<clusters::RunLock>(folder_, run_id);
    spec.kind = kind;
    cluster_ = found->make({.spec = spec,
                            .run_id = run_id,
                            .cluster_id = "seatrialTestClusterIdA",
                            .work_dir = folder_});
    cluster_->up({});
  }
  ~RealCluster() {
    cluster_->down();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  RealCluster(const RealCluster&) = delete;
  RealCluster& operator=(const RealCluster&) = delete;

  Cluster& operator*() { return *cluster_; }
  Cluster* operator->() { return cluster_.get(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<clusters::RunLock> lock_;
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace seatrial::test
