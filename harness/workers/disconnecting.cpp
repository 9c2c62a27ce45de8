// Descriptors one by one, from /proc/self/fd.
#include "workers/disconnecting.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "core/units.hpp"

namespace seatrial::workers {
namespace {

constexpr auto counting_time = seconds(10);

// The socket's number, if that descriptor is an established TCP connection.
std::optional<std::uint64_t> connection_of(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  struct stat status {};
  if (info.tcpi_state != TCP_ESTABLISHED || fstat(descriptor, &status) != 0) return std::nullopt;
  return status.st_ino;
}

// A descriptor that is closed meanwhile is none any more, or another connection's.
template <class Visit>
void for_each_connection(const Visit& visit) {
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", gone)) {
    const auto descriptor = parse_integer(entry.path().filename().string());
    if (!descriptor) continue;
    const auto number = static_cast<int>(*descriptor);
    if (const auto connection = connection_of(number)) visit(number, *connection);
  }
}

}  // namespace

Connections own_connections() {
  Connections out;
  for_each_connection([&](int, std::uint64_t connection) { out.insert(connection); });
  return out;
}

Connections shut_own_connections() {
  Connections out;
  for_each_connection([&](int descriptor, std::uint64_t connection) {
    if (shutdown(descriptor, SHUT_RDWR) == 0) out.insert(connection);
  });
  return out;
}

void Disconnecting::step() {
  if (const std::uint32_t asked = conduct_.disconnects; asked != obeyed_) {
    obeyed_ = asked;
    shut_ = shut_own_connections();
    made_.clear();
    conduct_.reconnected = 0;
    conduct_.shut += shut_.size();
    conduct_.disconnected = asked;  // last: by then the rest is told
    counts_until_ = now() + counting_time;
  }
  if (now() >= counts_until_) return;
  for (const std::uint64_t connection : own_connections()) {
    if (!shut_.contains(connection)) made_.insert(connection);
  }
  conduct_.reconnected = made_.size();
}

}  // namespace seatrial::workers
