// expire_credentials: the SCRAM credentials of a user are taken away, so that it cannot log in any
// more. Connections that are logged in live on until they must log in again, which they need never
// where connections.max.reauth.ms is not set in cluster.config. Healed by giving the user the
// password of cluster.users again, with fresh salts.
#include <algorithm>

#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"
#include "kafka/credentials.hpp"

namespace seatrial::faults {
namespace {

using Held = std::vector<kafka::Credential>;

class ExpireCredentials final : public OnCluster {
 public:
  ExpireCredentials(std::string user, milliseconds patience)
      : user_(std::move(user)), patience_(patience) {}

  [[nodiscard]] Needs needs() const override { return {.user = user_}; }

  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    if (!cluster.users().contains(user_))
      throw FaultIneffective("the cluster was not told the password of " + user_);
    const kafka::Credentials credentials(cluster.nodes());
    Held found;
    for (const Held& told : ask(credentials)) found.insert(found.end(), told.begin(), told.end());
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    if (found.empty()) throw FaultIneffective("no broker knows a credential of " + user_);
    evidence.facts.push_back("before, " + text_of(found));
    before_ = found;
    demand(credentials.remove(user_, found, now() + patience_));
    if (!await_held(credentials, {}, evidence.stop))
      throw FaultIneffective("brokers still know credentials of " + user_);
    evidence.facts.push_back("after, " + text_of({}));
    if (!reauthenticates(cluster)) {
      evidence.facts.push_back(
          "connections that are logged in stay so: connections.max.reauth.ms is not set");
    }
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    if (before_.empty()) return {};
    try {
      const kafka::Credentials credentials(cluster.nodes());
      demand(credentials.put(user_, cluster.users().at(user_), before_, now() + patience_));
      if (!await_held(credentials, before_, evidence.stop))
        return {"not every broker knows the credentials of " + user_ + " again"};
      evidence.facts.push_back("healed, " + text_of(before_));
      before_.clear();
      return {};
    } catch (const std::exception& error) {
      return {error.what()};
    }
  }

 private:
  [[nodiscard]] std::vector<Held> ask(const kafka::Credentials& credentials) const {
    auto told = credentials.of(user_, now() + patience_);
    if (!told) throw FaultIneffective(told.error().message);
    return std::move(*told);
  }

  // Whether every broker that answers has come to know these and no others.
  [[nodiscard]] bool await_held(const kafka::Credentials& credentials, const Held& wanted,
                                const std::stop_token& stop) const {
    const auto told = [&] {
      return std::ranges::all_of(ask(credentials),
                                 [&](const Held& held) { return held == wanted; });
    };
    return await_that(told, {.budget = patience_, .every = between_questions}, stop);
  }

  // Of all listeners, or of that for clients.
  static bool reauthenticates(const Cluster& cluster) {
    const auto config = cluster.effective_config();
    return std::ranges::any_of(config, [](const auto& property) {
      return property.first.ends_with("connections.max.reauth.ms") && property.second != "0";
    });
  }

  [[nodiscard]] std::string text_of(const Held& held) const {
    std::string out;
    for (const auto& one : held) out += (out.empty() ? "" : "; ") + to_string(one);
    return user_ + ": " + (out.empty() ? "none" : out);
  }

  std::string user_;
  milliseconds patience_;
  Held before_;  // what it took away; empty: nothing, or given back
};

const Registration<Fault> registration{{
    .name = "expire_credentials",
    .help = "take a user's SCRAM credentials away; heal gives them back. Connections live on until "
            "connections.max.reauth.ms",
    .options = {{.name = "user", .help = "of cluster.users", .required = true},
                patience_option("how long to wait until all brokers tell of it")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<ExpireCredentials>(options.text("user"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
