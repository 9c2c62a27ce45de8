// An agent loaded by the attach protocol, and HTTP by Boost.Beast.
#include "clusters/jolokia.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "clusters/attach.hpp"
#include "clusters/net.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

Error trouble(int pid, const std::string& what) {
  return {"cannot load an agent into the JVM with pid " + std::to_string(pid) + ": " + what, ""};
}

}  // namespace

Result<bool> load_java_agent(int pid, const fs::path& jar, const std::string& options,
                             Instant deadline) {
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
  const auto answer = ask_jvm(pid, "load", {"instrument", "false", path + "=" + options}, deadline);
  if (!answer) return answer.error();
  // The agent's own return code.
  if (answer->find("return code: 0") == std::string::npos)
    return trouble(pid, "it said: " + answer->substr(0, 200));
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
