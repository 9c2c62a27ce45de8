// Obeying orders, one after the other.
#include "disks/disk_process.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/check.hpp"
#include "disks/image_server.hpp"
#include "disks/orders.hpp"

namespace seatrial::disks {
namespace {

using nlohmann::json;

class DiskProcess {
 public:
  json obey(const json& order) {
    const auto what = order.at("do").get<std::string>();
    if (what == "serve") return serve(order);
    if (what == "cut") return cut(order);
    if (what == "release") return each(order, [](ImageServer& disk) { disk.release(); });
    if (what == "power_on") return {{"discarded", at(order).power_on()}};
    if (what == "add") return add(order);
    if (what == "remove") return remove(order);
    if (what == "counted") return counted(order);
    throw InfrastructureError("there is no order '" + what + "'");
  }

 private:
  json serve(const json& order) {
    disks_[disk_from_json(order.at("disk"))] =
        std::make_unique<ImageServer>(ImageSpec{.image = order.at("image").get<std::string>(),
                                                .device = order.at("device").get<std::string>(),
                                                .label = order.at("label").get<std::string>()});
    return json::object();
  }

  ImageServer& at(const json& order) { return *disks_.at(disk_from_json(order.at("disk"))); }

  template <class Act>
  json each(const json& order, const Act& act) {
    for (const auto& disk : order.at("disks")) act(*disks_.at(disk_from_json(disk)));
    return json::object();
  }

  // All at once, and only then what each had: counting takes time.
  json cut(const json& order) {
    each(order, [](ImageServer& disk) { disk.hold(); });
    json dropped = json::array();
    each(order, [&](ImageServer& disk) { dropped.push_back(disk.drop_unflushed()); });
    return {{"dropped", std::move(dropped)}};
  }

  json add(const json& order) {
    const DiskRule rule = rule_from_json(order.at("rule"));
    const Disks::RuleId id = ++last_rule_;
    disks_.at(rule.disk)->add(id, rule);
    disk_of_rule_[id] = rule.disk;
    return {{"rule", id}};
  }

  ImageServer& disk_of(Disks::RuleId rule) { return *disks_.at(disk_of_rule_.at(rule)); }

  json remove(const json& order) {
    const auto rule = order.at("rule").get<Disks::RuleId>();
    disk_of(rule).remove(rule);
    return json::object();
  }

  json counted(const json& order) {
    const auto rule = order.at("rule").get<Disks::RuleId>();
    const DiskRuleCounters counters = disk_of(rule).counted(rule);
    return {{"operations", counters.operations}, {"bytes", counters.bytes}};
  }

  std::map<DiskId, std::unique_ptr<ImageServer>> disks_;
  std::map<Disks::RuleId, DiskId> disk_of_rule_;
  Disks::RuleId last_rule_ = 0;
};

// The next line of the harness; nothing at its end.
std::optional<std::string> next_order(std::string& pending) {
  while (true) {
    const auto newline = pending.find('\n');
    if (newline != std::string::npos) {
      std::string line = pending.substr(0, newline);
      pending.erase(0, newline + 1);
      return line;
    }
    char room[4096];
    const auto got = read(STDIN_FILENO, room, sizeof room);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    pending.append(room, static_cast<std::size_t>(got));
  }
}

bool send_answer(const json& answer) {
  std::string line = answer.dump() + "\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto sent = send(STDIN_FILENO, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

int run_disk_process() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#ifdef PR_SET_IO_FLUSHER
  // Where memory is short the kernel must not have us write to disks of ours to get some.
  prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
#endif
  DiskProcess process;
  std::string pending;
  while (const auto line = next_order(pending)) {
    json answer;
    try {
      answer = process.obey(json::parse(*line));
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    if (!send_answer(answer)) break;
  }
  return 0;
}

}  // namespace seatrial::disks
