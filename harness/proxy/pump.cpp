// Implements proxy/pump.hpp.
#include "proxy/pump.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <thread>
#include <unordered_map>
#include <utility>

#include "core/check.hpp"
#include "proxy/connection.hpp"

namespace seatrial::proxy {
namespace {

constexpr std::size_t read_bytes = 128 * 1024;
constexpr int events_at_once = 64;
// What events are about: these, then the listeners, then connections.
constexpr std::uint64_t wake_tag = 0, timer_tag = 1, first_listener_tag = 2,
                        first_connection = 1000;

struct Timer {
  Instant when;
  std::uint64_t connection;
  friend bool operator>(const Timer& a, const Timer& b) { return a.when > b.when; }
};

Socket checked(int fd, const char* what) {
  if (fd < 0) throw InfrastructureError(std::string("the proxy cannot make ") + what);
  return Socket(fd);
}

void read_away(int fd) {
  std::uint64_t count = 0;
  while (::read(fd, &count, sizeof count) > 0) {
  }
}

}  // namespace

std::string Port::name() const {
  switch (listener) {
    case Listener::client: return "client";
    case Listener::replication: return "replication";
    case Listener::controller: return "controller";
  }
  return {};
}

struct Pump::Impl {
  Impl(const std::vector<Port>& all, const RuleBook& rule_book, const Roles& roles, OwnPorts& own);

  void run();
  void handle(const epoll_event& event);
  void accept_all(std::size_t listener);
  void take_up_rules();
  void pump_touched();
  void touch(std::uint64_t connection) { touched.push_back(connection); }
  void fire_timers();
  void set_timer();
  void watch(int fd, std::uint64_t tag, std::uint32_t events) const;

  const std::vector<Port> ports;
  const RuleBook& book;
  std::vector<Socket> listeners;
  std::vector<std::unique_ptr<ListenerCounters>> counters;  // one per port
  Socket poll, woken, timer;
  std::vector<std::byte> scratch = std::vector<std::byte>(read_bytes);
  Engine engine;
  RuleBook::Edition rules;
  std::atomic<std::uint64_t> in_force = 0;
  std::atomic<bool> stop = false;
  std::uint64_t next_connection = first_connection;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections;
  std::vector<std::uint64_t> touched;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  Instant armed{};
  std::thread thread;
};

Pump::Impl::Impl(const std::vector<Port>& all, const RuleBook& rule_book, const Roles& roles,
                 OwnPorts& own)
    : ports(all),
      book(rule_book),
      poll(checked(epoll_create1(EPOLL_CLOEXEC), "an epoll descriptor")),
      woken(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "an event descriptor")),
      timer(checked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "a timer")),
      engine{.scratch = scratch,
             .at = now(),
             .own_ports = own,
             .roles = roles,
             .watch =
                 [this](int fd, std::uint64_t connection) {
                   watch(fd, connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
                 },
             .wake =
                 [this](std::uint64_t connection, Instant when) {
                   timers.push({when, connection});
                 }} {
  watch(woken.fd(), wake_tag, EPOLLIN);
  watch(timer.fd(), timer_tag, EPOLLIN);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    listeners.push_back(listen_on(ports[i].port));
    counters.push_back(std::make_unique<ListenerCounters>());
    watch(listeners[i].fd(), first_listener_tag + i, EPOLLIN);
  }
  rules = book.current();
  in_force = rules.number;
}

void Pump::Impl::watch(int fd, std::uint64_t tag, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  epoll_ctl(poll.fd(), EPOLL_CTL_ADD, fd, &event);
}

void Pump::Impl::run() {
  std::array<epoll_event, events_at_once> events{};
  while (!stop) {
    set_timer();
    const int count =
        epoll_wait(poll.fd(), events.data(), events_at_once, touched.empty() ? -1 : 0);
    engine.at = now();
    take_up_rules();
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
    fire_timers();
    pump_touched();
    in_force.store(rules.number, std::memory_order_release);
  }
}

void Pump::Impl::handle(const epoll_event& event) {
  const std::uint64_t tag = event.data.u64;
  if (tag >= first_connection) return touch(tag);
  if (tag == wake_tag) return read_away(woken.fd());
  if (tag == timer_tag) {
    armed = {};
    return read_away(timer.fd());
  }
  accept_all(tag - first_listener_tag);
}

void Pump::Impl::accept_all(std::size_t listener) {
  const Port& port = ports[listener];
  while (Socket client = accept_from(listeners[listener])) {
    const std::uint64_t id = next_connection++;
    auto made = std::make_unique<Connection>(
        Dialled{.id = id,
                .ends = {.node = port.node, .listener = port.listener, .peer = std::nullopt},
                .target = port.target,
                .framed = port.framed},
        std::move(client), engine, *counters[listener]);
    made->apply(rules.rules);
    connections.emplace(id, std::move(made));
    touch(id);
  }
}

void Pump::Impl::take_up_rules() {
  if (book.number() == rules.number) return;
  rules = book.current();
  for (auto& [id, connection] : connections) {
    connection->apply(rules.rules);
    touch(id);
  }
}

void Pump::Impl::pump_touched() {
  for (const std::uint64_t id : std::exchange(touched, {})) {
    const auto at = connections.find(id);
    if (at == connections.end()) continue;
    switch (at->second->pump()) {
      case Connection::Progress::waits: break;
      case Connection::Progress::more: touch(id); break;
      case Connection::Progress::over: connections.erase(at); break;
    }
  }
}

void Pump::Impl::fire_timers() {
  while (!timers.empty() && timers.top().when <= engine.at) {
    touch(timers.top().connection);
    timers.pop();
  }
}

void Pump::Impl::set_timer() {
  if (timers.empty() || timers.top().when == armed) return;
  armed = timers.top().when;
  const auto ns = std::max<std::int64_t>(to_ns(armed), 1);
  constexpr std::int64_t second = 1'000'000'000;
  const itimerspec when{.it_interval = {},
                        .it_value = {.tv_sec = ns / second, .tv_nsec = ns % second}};
  timerfd_settime(timer.fd(), TFD_TIMER_ABSTIME, &when, nullptr);
}

Pump::Pump(const std::vector<Port>& ports, const RuleBook& rules, const Roles& roles, OwnPorts& own)
    : impl_(std::make_unique<Impl>(ports, rules, roles, own)) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

Pump::~Pump() {
  impl_->stop = true;
  wake();
  impl_->thread.join();
}

void Pump::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(impl_->woken.fd(), &one, sizeof one);
}

std::uint64_t Pump::edition() const { return impl_->in_force.load(std::memory_order_acquire); }

std::vector<LinkCounters> Pump::counters() const {
  std::vector<LinkCounters> out;
  for (std::size_t i = 0; i < impl_->ports.size(); ++i)
    out.push_back(impl_->counters[i]->read(impl_->ports[i].node, impl_->ports[i].name()));
  return out;
}

}  // namespace seatrial::proxy
