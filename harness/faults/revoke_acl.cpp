// revoke_acl: all that allows a principal something on a topic is taken away, entries for prefixes
// and for all topics included, and so on other topics too. Brokers look at each request, so that
// it strikes connections that there are. Healed by giving the very same entries back.
#include <algorithm>
#include <functional>
#include <iterator>

#include "core/counted.hpp"
#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"
#include "kafka/acls.hpp"

namespace seatrial::faults {
namespace {

using Entries = std::vector<kafka::Acl>;

constexpr const char* everybody = "User:*";

class RevokeAcl final : public OnCluster {
 public:
  RevokeAcl(std::string principal, std::string topic, milliseconds patience)
      : principal_(std::move(principal)), topic_(std::move(topic)), patience_(patience) {}

  [[nodiscard]] Needs needs() const override { return {.topic = topic_, .authorizer = true}; }

  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    const kafka::Acls acls(cluster.nodes());
    if (const auto open = all_of(acls, everybody); !open.empty())
      throw FaultIneffective(principal_ + " may go on all the same: " + to_string(open.front()));
    const Entries found = all_of(acls, principal_);
    if (found.empty())
      throw FaultIneffective("nothing allows " + principal_ + " anything on " + topic_);
    for (const auto& acl : found) evidence.facts.push_back("before, " + to_string(acl));
    before_ = found;
    demand(acls.remove(found, now() + patience_));
    const auto gone = [&](const Entries& told) { return of(told, principal_).empty(); };
    if (!await_each(acls, gone, evidence.stop))
      throw FaultIneffective("brokers still allow " + principal_ + " something on " + topic_);
    evidence.facts.push_back("after, nothing allows " + principal_ + " anything on " + topic_);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    if (before_.empty()) return {};
    try {
      const kafka::Acls acls(cluster.nodes());
      demand(acls.add(before_, now() + patience_));
      const auto back = [&](const Entries& told) { return std::ranges::includes(told, before_); };
      if (!await_each(acls, back, evidence.stop))
        return {"not every broker has the rights of " + principal_ + " back"};
      evidence.facts.push_back("healed, given back: " +
                               counted(before_.size(), "entry", "entries"));
      before_.clear();
      return {};
    } catch (const std::exception& error) {
      return {error.what()};
    }
  }

 private:
  [[nodiscard]] std::vector<Entries> ask(const kafka::Acls& acls) const {
    auto told = acls.allowing(topic_, now() + patience_);
    if (!told) throw FaultIneffective(told.error().message);
    return std::move(*told);
  }

  [[nodiscard]] static Entries of(const Entries& told, const std::string& principal) {
    Entries out;
    std::ranges::copy_if(told, std::back_inserter(out),
                         [&](const kafka::Acl& acl) { return acl.principal == principal; });
    return out;
  }

  // Whichever broker knows of them; each once, in order.
  [[nodiscard]] Entries all_of(const kafka::Acls& acls, const std::string& principal) const {
    Entries out;
    for (const Entries& told : ask(acls))
      std::ranges::copy(of(told, principal), std::back_inserter(out));
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
  }

  // Whether every broker that answers has come to tell what satisfies.
  [[nodiscard]] bool await_each(const kafka::Acls& acls,
                                const std::function<bool(const Entries&)>& satisfies,
                                const std::stop_token& stop) const {
    const auto told = [&] { return std::ranges::all_of(ask(acls), satisfies); };
    return await_that(told, {.budget = patience_, .every = between_questions}, stop);
  }

  std::string principal_;
  std::string topic_;
  milliseconds patience_;
  Entries before_;  // what it took away; empty: nothing, or given back
};

std::string a_principal(std::string_view value) {
  return value.starts_with("User:") && value.size() > 5 && value != everybody
             ? ""
             : "'" + std::string(value) + "' is no principal; write it as in User:alice";
}

const Registration<Fault> registration{{
    .name = "revoke_acl",
    .help = "take away all that allows a principal something on a topic; heal gives it back",
    .options = {{.name = "principal",
                 .help = "whose rights, as in User:alice",
                 .required = true,
                 .validate = a_principal},
                {.name = "topic", .help = "on which", .required = true},
                patience_option("how long to wait until all brokers tell of it")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<RevokeAcl>(options.text("principal"), options.text("topic"),
                                         patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
