// Finding the clients.
#include "faults/client_actions.hpp"

#include "faults/node_actions.hpp"

namespace seatrial::faults {

OnClients::Asked OnClients::ask_of(Cluster& cluster, const std::vector<NodeId>& targets) {
  Clients* clients = cluster.clients();
  if (clients == nullptr) {
    throw FaultIneffective("a cluster of kind '" + cluster.kind() +
                           "' has no clients in processes of their own");
  }
  Asked out;
  for (const NodeId target : targets) {
    const ProcessState state = processes_of(cluster).state(target);
    if (state.kind != ProcessState::Kind::running)
      throw FaultIneffective(node_text(target) + " was not running but " + to_string(state));
    out[target] = &clients->conduct(target);
  }
  if (out.empty()) throw FaultIneffective("the target resolved to no client");
  return out;
}

}  // namespace seatrial::faults
