// Finding the clients, and waiting for what they say.
#include "faults/client_actions.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

constexpr auto stopped_grace = seconds(3);

}  // namespace

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

bool await_told(const std::function<bool()>& holds, milliseconds patience,
                const std::stop_token& stop) {
  Instant deadline = now() + patience;
  bool cut_short = false;
  while (!holds()) {
    if (now() >= deadline) return false;
    if (stop.stop_requested() && !std::exchange(cut_short, true))
      deadline = std::min<Instant>(deadline, now() + stopped_grace);
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

}  // namespace seatrial::faults
