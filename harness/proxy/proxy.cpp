// Implements proxy/proxy.hpp.
#include "proxy/proxy.hpp"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/numbers.hpp"

namespace seatrial::proxy {
namespace {

constexpr std::string_view loopback = "0100007F:";  // also of ::ffff:127.0.0.1
constexpr auto taking_up = seconds(5);              // on a machine that is full

}  // namespace

Proxy::Proxy(std::vector<Port> ports, Roles roles)
    : ports_(std::move(ports)), roles_(std::move(roles)) {
  std::map<NodeId, std::vector<Port>> by_node;
  for (const Port& port : ports_) by_node[port.node].push_back(port);
  for (const auto& [node, its] : by_node)
    pumps_.push_back(std::make_unique<Pump>(its, book_, roles_, own_));
}

Proxy::~Proxy() = default;

Network::RuleId Proxy::add(const NetworkRule& rule) {
  const RuleId id = next_++;
  await(book_.add(std::make_shared<ActiveRule>(id, rule, now())));
  return id;
}

void Proxy::remove(RuleId rule) { await(book_.remove(rule)); }

// Until every pump has taken up what is in force since.
void Proxy::await(std::uint64_t edition) {
  const Instant deadline = now() + taking_up;
  for (const auto& pump : pumps_) pump->wake();
  for (const auto& pump : pumps_) {
    while (pump->edition() < edition) {
      if (now() > deadline) throw InfrastructureError("the proxy does not take up a rule");
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
}

RuleCounters Proxy::counted(RuleId rule) const {
  const auto found = book_.counted(rule);
  check(found.has_value(), "counters are asked of a rule that was added");
  return *found;
}

std::vector<LinkCounters> Proxy::counters() const {
  std::vector<LinkCounters> out;
  for (const auto& pump : pumps_) std::ranges::move(pump->counters(), std::back_inserter(out));
  return out;
}

std::vector<std::string> Proxy::bypassing() const {
  return own_.with([this](const auto& own) {
    std::vector<std::string> out;
    for (const char* file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      const auto table = file_text(file).value_or("");
      for (const Port& port : ports_) {
        for (const std::uint16_t from : dialled_from(table, port.target)) {
          if (own.contains(from)) continue;
          out.push_back("port " + std::to_string(from) + " to the " + port.name() +
                        " listener of node " + std::to_string(port.node.value));
        }
      }
    }
    return out;
  });
}

// A line: number, local address:port, remote address:port, state, ..., in hexadecimal. 01 is
// ESTABLISHED.
std::vector<std::uint16_t> dialled_from(std::string_view table, int port) {
  std::vector<std::uint16_t> out;
  const auto port_of = [](std::string_view address) -> int {
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) return -1;
    const auto number = parse_hexadecimal(address.substr(colon + 1));
    return number ? static_cast<int>(*number) : -1;
  };
  while (!table.empty()) {
    std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    std::vector<std::string_view> words;
    while (words.size() < 4) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      if (line.empty()) break;
      words.push_back(line.substr(0, line.find(' ')));
      line.remove_prefix(words.back().size());
    }
    if (words.size() < 4 || words[3] != "01" || port_of(words[2]) != port) continue;
    if (words[2].find(loopback) == std::string_view::npos) continue;
    const int local = port_of(words[1]);
    if (local >= 0) out.push_back(static_cast<std::uint16_t>(local));
  }
  return out;
}

}  // namespace seatrial::proxy
