// Orders out, answers in.
#include "disks/disk_link.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "core/time.hpp"
#include "disks/orders.hpp"

namespace seatrial::disks {
namespace {

using nlohmann::json;

constexpr auto answer_budget = seconds(10);

json list_of(const std::vector<DiskId>& disks) {
  json out = json::array();
  for (const DiskId disk : disks) out.push_back(disk_to_json(disk));
  return out;
}

}  // namespace

DiskLink::DiskLink() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw InfrastructureError(std::string("no socket for the disks: ") + std::strerror(errno));
  near_ = ends[0];
  far_.reset(fdopen(ends[1], "r+"));
  if (!far_) {
    close(ends[1]);
    throw InfrastructureError(std::string("no socket for the disks: ") + std::strerror(errno));
  }
}

DiskLink::~DiskLink() { hang_up(); }

void DiskLink::hang_up() {
  const std::lock_guard lock(mutex_);
  if (near_ >= 0) close(std::exchange(near_, -1));
}

json DiskLink::ask(const json& order) {
  const std::lock_guard lock(mutex_);
  send_line(order.dump() + "\n");
  json answer = json::parse(receive_line());
  if (answer.contains("error")) throw InfrastructureError(answer["error"].get<std::string>());
  return answer;
}

void DiskLink::send_line(std::string_view line) const {
  while (!line.empty()) {
    const auto sent = send(near_, line.data(), line.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw InfrastructureError("the process that serves the disks is gone");
    line.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string DiskLink::receive_line() {
  const Instant deadline = now() + answer_budget;
  while (true) {
    if (const auto newline = pending_.find('\n'); newline != std::string::npos) {
      std::string line = pending_.substr(0, newline);
      pending_.erase(0, newline + 1);
      return line;
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - now()).count();
    pollfd waiting{.fd = near_, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) == 0) {
      close(std::exchange(near_, -1));  // a late answer would be taken for that of another order
      throw InfrastructureError("the process that serves the disks does not answer");
    }
    char room[4096];
    const auto got = recv(near_, room, sizeof room, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) throw InfrastructureError("the process that serves the disks is gone");
    pending_.append(room, static_cast<std::size_t>(got));
  }
}

void DiskLink::serve(DiskId disk, const ImageSpec& spec) {
  ask({{"do", "serve"},
       {"disk", disk_to_json(disk)},
       {"image", spec.image.string()},
       {"device", spec.device.string()},
       {"label", spec.label}});
}

std::map<DiskId, std::uint64_t> DiskLink::cut(const std::vector<DiskId>& disks) {
  const json answer = ask({{"do", "cut"}, {"disks", list_of(disks)}});
  std::map<DiskId, std::uint64_t> out;
  for (std::size_t i = 0; i < disks.size(); ++i)
    out[disks[i]] = answer.at("dropped").at(i).get<std::uint64_t>();
  return out;
}

void DiskLink::release(const std::vector<DiskId>& disks) {
  ask({{"do", "release"}, {"disks", list_of(disks)}});
}

std::uint64_t DiskLink::power_on(DiskId disk) {
  return ask({{"do", "power_on"}, {"disk", disk_to_json(disk)}})
      .at("discarded")
      .get<std::uint64_t>();
}

Disks::RuleId DiskLink::add(const DiskRule& rule) {
  return ask({{"do", "add"}, {"rule", rule_to_json(rule)}}).at("rule").get<Disks::RuleId>();
}

void DiskLink::remove(Disks::RuleId rule) { ask({{"do", "remove"}, {"rule", rule}}); }

DiskRuleCounters DiskLink::counted(Disks::RuleId rule) {
  const json answer = ask({{"do", "counted"}, {"rule", rule}});
  return {.operations = answer.at("operations").get<std::uint64_t>(),
          .bytes = answer.at("bytes").get<std::uint64_t>()};
}

}  // namespace seatrial::disks
