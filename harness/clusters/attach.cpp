// The attach protocol over its Unix socket.
#include "clusters/attach.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "core/file_text.hpp"
#include "core/numbers.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr auto look_again_after = milliseconds(20);

Error silent(int pid, const std::string& what) {
  return {"cannot ask the JVM with pid " + std::to_string(pid) + ": " + what, ""};
}

// Whether the process has a handler for SIGQUIT, which would end it otherwise. A JVM has one, some
// moments after its start, unless told -Xrs.
bool catches_sigquit(int pid) {
  const auto status = file_text("/proc/" + std::to_string(pid) + "/status").value_or("");
  const auto at = status.find("\nSigCgt:");
  if (at == std::string::npos) return false;
  const auto begin = at + std::string_view("\nSigCgt:\t").size();
  const auto mask = parse_hexadecimal(status.substr(begin, status.find('\n', begin) - begin));
  return ((mask.value_or(0) >> (SIGQUIT - 1)) & 1U) != 0;
}

// Has the JVM open its socket: it looks for a file of this name when it is signalled.
Result<bool> wake_listener(int pid, const fs::path& socket, Instant deadline) {
  if (!catches_sigquit(pid)) return silent(pid, "it does not listen for tools");
  const fs::path wish = "/tmp/.attach_pid" + std::to_string(pid);
  const int file = ::open(wish.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return silent(pid, "cannot make " + wish.string() + ": " + std::strerror(errno));
  ::close(file);
  const ScopeGuard remove([&]() noexcept { ::unlink(wish.c_str()); });
  if (::kill(pid, SIGQUIT) != 0) return silent(pid, std::strerror(errno));
  while (!fs::exists(socket)) {
    if (now() >= deadline) return silent(pid, "it did not open its socket in time");
    std::this_thread::sleep_for(look_again_after);
  }
  return true;
}

Result<int> connect_to(const fs::path& socket, Instant deadline, int pid) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return silent(pid, std::strerror(errno));
  const auto left = std::max(deadline - now(), nanoseconds(milliseconds(1)));
  const auto whole = std::chrono::duration_cast<seconds>(left);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(left - whole);
  const timeval limit{.tv_sec = whole.count(), .tv_usec = rest.count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const std::string why = std::strerror(errno);
  ::close(fd);
  return silent(pid, socket.string() + ": " + why);
}

}  // namespace

Result<std::string> ask_jvm(int pid, const std::string& command,
                            const std::array<std::string, 3>& arguments, Instant deadline) {
  const fs::path socket = "/tmp/.java_pid" + std::to_string(pid);
  if (!fs::exists(socket)) {
    if (const auto woken = wake_listener(pid, socket, deadline); !woken) return woken.error();
  }
  const auto fd = connect_to(socket, deadline, pid);
  if (!fd) return fd.error();
  const ScopeGuard closing([&]() noexcept { ::close(*fd); });
  // Protocol version, command, three arguments, each with its zero.
  std::string text = std::string("1") + '\0' + command + '\0';
  for (const std::string& argument : arguments) text += argument + '\0';
  if (::send(*fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    return silent(pid, std::strerror(errno));
  std::string answer;
  char part[256];
  ssize_t got = 0;
  while ((got = ::recv(*fd, part, sizeof part, 0)) > 0) {
    answer.append(part, static_cast<std::size_t>(got));
  }
  if (got < 0) return silent(pid, "no answer in time");
  if (!answer.starts_with("0\n")) return silent(pid, "it said: " + answer.substr(0, 200));
  return answer.substr(2);
}

}  // namespace seatrial::clusters
