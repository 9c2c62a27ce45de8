// A fault is an action on targets, proved by evidence. One action per file under faults/.
//
// `inject` returns only when the effect was seen, and throws FaultIneffective when it was not: a
// fault that did nothing makes a trial INVALID, never green. `heal` undoes it, is idempotent, and
// must not throw; what it could not undo it returns, for the journal. Called from the timeline's
// thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/network.hpp"
#include "core/time.hpp"

namespace seatrial {

struct FaultIneffective : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What happened to one node, read back from the system rather than assumed.
struct NodeEvidence {
  NodeId node;
  Instant asked;  // when the action was requested
  Instant seen;   // when its effect was first observed
  ProcessState before;
  ProcessState after;
  Instant undone{};  // when heal's effect was observed; epoch if not (yet)
};

// What a fault counted on the way, by kind: bytes that it dropped, requests that it held up,
// mounts, clocks. Read back from the system, as all evidence is.
struct CountedEvidence {
  NodeId node;
  std::string kind;  // "bytes dropped"
  double value = 0;
  std::string unit;  // "B"; empty for plain counts
  Instant at;        // when it was read
};

struct Evidence {
  std::vector<NodeEvidence> nodes;
  std::vector<CountedEvidence> counted;
  std::vector<std::string> facts;  // a sentence each, of what the system said
  // Topics of which it made a replica outside the ISR the leader: what is lost there it explains.
  std::vector<std::string> unclean_elections;
  // The least min.insync.replicas that it had a topic have: what is promised there is no more.
  std::map<std::string, int> min_insync_replicas;
  // Topics that it deleted: what they held is gone, and brokers keep no promise about that.
  std::vector<std::string> deleted_topics{};
  // Nodes that lost what their disks had not flushed, and nodes whose disks it had fail: what these
  // cut off, or give up, is explained by that.
  std::set<NodeId> lost_power, failed_disks;
  std::stop_token stop;  // of the run: what an effect is then still waited for is a few seconds
};

// What a fault does to its targets' processes, for those who judge and draw it.
enum class FaultEffect {
  held,       // they stand still, and lose nothing
  ended,      // they end in good order or by themselves, and recover when they start again
  killed,     // they end at once: what only their memory had is gone
  unpowered,  // as killed, and what their disks had not flushed is gone, too
  none        // they run on
};
std::string_view to_string(FaultEffect effect);

class Fault {
 public:
  virtual ~Fault() = default;
  virtual void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) = 0;
  [[nodiscard]] virtual std::vector<std::string> heal(Cluster& cluster,
                                                      Evidence& evidence) noexcept = 0;
  [[nodiscard]] virtual FaultEffect effect() const = 0;
  // Whether the targets are gone from the cluster while the fault lasts (their sessions end), which
  // lets `plan` warn of a heal that comes too early to matter.
  [[nodiscard]] virtual bool silences_node() const { return true; }
  // Whether it acts on nodes. One that administers the cluster (reassigns, elects, alters topics)
  // has `target: cluster`, which may be left out, and is given no nodes.
  [[nodiscard]] virtual bool acts_on_nodes() const { return true; }
  // What a cluster must be fitted with for it, so that one is started so, or refused.
  struct Needs {
    std::set<Gear> gear{};
    bool readable_requests = false;  // clients must not encrypt
    bool members = false;            // it acts on members of groups, and on nobody else
    std::string topic{};             // that the scenario must declare
    std::string user{};              // that the cluster must have
    bool authorizer = false;         // brokers must ask for rights
    std::optional<TopicPartition> of_partition{};  // that there must be; -1: any of the topic
    std::vector<NodeId> brokers{};                 // that the cluster must have
    int log_dir = 0;  // of the brokers, from 1, that they must have; 0: whichever they have
  };
  [[nodiscard]] virtual Needs needs() const { return {}; }
  // Whether its target may be a link. Of one on requests those go from who asks to who answers.
  enum class Links { none, requests, any };
  [[nodiscard]] virtual Links links() const { return Links::none; }
  // Of a link: what the targets of `inject`, which follows, exchange with whom, as they see it.
  virtual void aim(const Peers&, Way) {}
};

}  // namespace seatrial
