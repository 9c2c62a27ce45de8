// Entries for literal names, one by one.
#include "run/grants.hpp"

#include <algorithm>
#include <thread>

#include "core/check.hpp"
#include "kafka/acls.hpp"

namespace seatrial::run {
namespace {

using kafka::Acl;

std::vector<Acl> wanted_by(const scenario::TrialPlan& plan) {
  std::vector<Acl> out;
  const auto allow = [&](Acl::Resource resource, const std::string& name) {
    for (const auto& [user, password] : plan.cluster.users)
      out.push_back({.resource = resource, .name = name, .principal = "User:" + user});
  };
  for (const auto& topic : plan.topics) allow(Acl::Resource::topic, topic.name);
  allow(Acl::Resource::group, "*");
  allow(Acl::Resource::transactional_id, "*");
  return out;
}

// Whether each broker has come to tell of these entries on a topic.
bool are_told(const std::vector<std::vector<Acl>>& told, const std::vector<Acl>& wanted,
              const std::string& topic) {
  return std::ranges::all_of(wanted, [&](const Acl& acl) {
    if (acl.resource != Acl::Resource::topic || acl.name != topic) return true;
    return std::ranges::all_of(told, [&](const std::vector<Acl>& one) {
      return std::ranges::find(one, acl) != one.end();
    });
  });
}

}  // namespace

Result<bool> grant_users(Cluster& cluster, const scenario::TrialPlan& plan, Instant deadline,
                         const std::stop_token& stop) {
  if (plan.cluster.users.empty() || !plan.cluster.config.contains("authorizer.class.name"))
    return true;
  const kafka::Acls acls(cluster.nodes());
  const auto wanted = wanted_by(plan);
  if (const auto taken = acls.add(wanted, deadline); !taken) return taken;
  for (const auto& topic : plan.topics) {
    while (true) {
      if (stop.stop_requested()) throw Interrupted();
      const auto told = acls.allowing(topic.name, deadline);
      if (told && are_told(*told, wanted, topic.name)) break;
      if (now() >= deadline) {
        return Error{"not every broker knows the rights of the users on " + topic.name,
                     told ? "" : told.error().message};
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  return true;
}

}  // namespace seatrial::run
