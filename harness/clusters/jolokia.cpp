// The attach protocol of HotSpot over its Unix socket, and HTTP by Boost.Beast.
#include "clusters/jolokia.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstring>
#include <thread>

#include "clusters/files.hpp"
#include "clusters/net.hpp"
#include "core/file_text.hpp"
#include "core/numbers.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto look_again_after = milliseconds(20);

Error trouble(int pid, const std::string& what) {
  return {"cannot load an agent into the JVM with pid " + std::to_string(pid) + ": " + what, ""};
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
  if (!catches_sigquit(pid)) return trouble(pid, "it does not listen for tools");
  const fs::path wish = "/tmp/.attach_pid" + std::to_string(pid);
  const int file = ::open(wish.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return trouble(pid, "cannot make " + wish.string() + ": " + std::strerror(errno));
  ::close(file);
  const ScopeGuard remove([&]() noexcept { ::unlink(wish.c_str()); });
  if (::kill(pid, SIGQUIT) != 0) return trouble(pid, std::strerror(errno));
  while (!fs::exists(socket)) {
    if (now() >= deadline) return trouble(pid, "it did not open its socket in time");
    std::this_thread::sleep_for(look_again_after);
  }
  return true;
}

Result<int> connect_to(const fs::path& socket, Instant deadline, int pid) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return trouble(pid, std::strerror(errno));
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
  return trouble(pid, socket.string() + ": " + why);
}

}  // namespace

Result<bool> load_java_agent(int pid, const fs::path& jar, const std::string& options,
                             Instant deadline) {
  const fs::path socket = "/tmp/.java_pid" + std::to_string(pid);
  if (!fs::exists(socket)) {
    if (const auto woken = wake_listener(pid, socket, deadline); !woken) return woken.error();
  }
  const auto fd = connect_to(socket, deadline, pid);
  if (!fd) return fd.error();
  const ScopeGuard closing([&]() noexcept { ::close(*fd); });
  // HotSpot ends the agent's path at the first '='.
  auto path = jar.string();
  if (path.find('=') != std::string::npos) {
    std::error_code failure;
    const auto cwd = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", failure);
    path = fs::relative(jar, cwd, failure).string();
    if (failure || path.find('=') != std::string::npos) {
      return trouble(pid, "there is a '=' in " + jar.string());
    }
  }
  // Protocol version, command, three arguments, each with its zero.
  std::string command;
  for (const std::string& part : {std::string("1"), std::string("load"), std::string("instrument"),
                                  std::string("false"), path + "=" + options}) {
    command += part;
    command += '\0';
  }
  if (::send(*fd, command.data(), command.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(command.size())) {
    return trouble(pid, std::strerror(errno));
  }
  std::string answer;
  char part[256];
  ssize_t got = 0;
  while ((got = ::recv(*fd, part, sizeof part, 0)) > 0) {
    answer.append(part, static_cast<std::size_t>(got));
  }
  if (got < 0) return trouble(pid, "no answer in time");
  // "0" for the protocol, then the agent's own return code.
  if (!answer.starts_with("0\n") || answer.find("return code: 0") == std::string::npos) {
    return trouble(pid, "it said: " + answer.substr(0, 200));
  }
  return true;
}

struct Jolokia::Impl {
  int port = 0;
  asio::io_context context;
  std::unique_ptr<beast::tcp_stream> stream;
  beast::flat_buffer buffer;

  // Runs one asynchronous step to its end; the stream's own timer ends it at the deadline.
  template <class Start>
  beast::error_code step(Instant deadline, Start start) {
    beast::error_code result = asio::error::timed_out;
    const auto left = std::max(deadline - now(), nanoseconds(0));
    stream->expires_after(left);
    start([&result](beast::error_code code, auto&&...) { result = code; });
    context.restart();
    context.run();
    return result;
  }
};

Jolokia::Jolokia(int port) : impl_(std::make_unique<Impl>()) { impl_->port = port; }
Jolokia::~Jolokia() = default;

Result<std::unique_ptr<Jolokia>> Jolokia::start(int pid, const fs::path& jar, Instant deadline) {
  ReservedPorts reserved(1);
  const int port = reserved.ports().at(0);
  reserved.release();
  const std::string options = "host=127.0.0.1,port=" + std::to_string(port) +
                              ",discoveryEnabled=false,quiet=true,executor=single";
  const auto loaded = load_java_agent(pid, jar, options, deadline);
  if (!loaded) return loaded.error();
  return std::unique_ptr<Jolokia>(new Jolokia(port));
}

Result<std::string> Jolokia::ask(const std::string& requests, Instant deadline) {
  Impl& io = *impl_;
  const auto fail = [&](const beast::error_code& code) {
    io.stream.reset();
    io.buffer.clear();
    return Error{"port " + std::to_string(io.port) + ": " + code.message(), ""};
  };
  if (!io.stream) {
    io.stream = std::make_unique<beast::tcp_stream>(io.context);
    const asio::ip::tcp::endpoint agent(asio::ip::address_v4::loopback(),
                                        static_cast<unsigned short>(io.port));
    const auto code =
        io.step(deadline, [&](auto done) { io.stream->async_connect(agent, std::move(done)); });
    if (code) return fail(code);
    io.stream->socket().set_option(asio::ip::tcp::no_delay(true));
  }
  http::request<http::string_body> request(http::verb::post, "/jolokia/?includeRequest=false", 11);
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::content_type, "application/json");
  request.body() = requests;
  request.prepare_payload();
  auto code = io.step(deadline,
                      [&](auto done) { http::async_write(*io.stream, request, std::move(done)); });
  if (code) return fail(code);
  http::response<http::string_body> response;
  code = io.step(deadline, [&](auto done) {
    http::async_read(*io.stream, io.buffer, response, std::move(done));
  });
  if (code) return fail(code);
  if (response.result() != http::status::ok) {
    return Error{
        "port " + std::to_string(io.port) + ": HTTP " + std::to_string(response.result_int()), ""};
  }
  if (!response.keep_alive()) io.stream.reset();
  return std::move(response.body());
}

}  // namespace seatrial::clusters
