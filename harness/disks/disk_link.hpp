// The harness's end of the socket to the process that serves its disks. Thread-safe: one order at a
// time. Calls throw InfrastructureError where the process refused, is gone, or does not answer
// within ten seconds.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/disks.hpp"
#include "core/owned_file.hpp"
#include "disks/image_server.hpp"

namespace seatrial::disks {

class DiskLink {
 public:
  DiskLink();
  ~DiskLink();
  DiskLink(const DiskLink&) = delete;
  DiskLink& operator=(const DiskLink&) = delete;

  // What the process gets as its stdin; given up once it has it, so that its end is seen.
  [[nodiscard]] std::FILE* far_end() const { return far_.get(); }
  void started() { far_.reset(); }
  void hang_up();  // the process ends

  void serve(DiskId disk, const ImageSpec& spec);
  // Bytes that each disk had not been told to keep.
  std::map<DiskId, std::uint64_t> cut(const std::vector<DiskId>& disks);
  void release(const std::vector<DiskId>& disks);
  std::uint64_t power_on(DiskId disk);  // bytes written since the cut
  Disks::RuleId add(const DiskRule& rule);
  void remove(Disks::RuleId rule);
  [[nodiscard]] DiskRuleCounters counted(Disks::RuleId rule);

 private:
  nlohmann::json ask(const nlohmann::json& order);
  void send_line(std::string_view line) const;
  std::string receive_line();

  std::mutex mutex_;
  int near_ = -1;
  OwnedFile far_;
  std::string pending_;
};

}  // namespace seatrial::disks
