// Implements clusters/leftovers.hpp.
#include "clusters/leftovers.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "clusters/files.hpp"
#include "clusters/labelled_folder.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
#include "core/time.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

struct Held {
  FileLock lock;
  int holders = 0;
};

constexpr const char* data_prefix = "seatrial-";
constexpr const char* data_suffix = ".data";

struct Locks {
  std::mutex mutex;
  std::map<std::string, Held> by_run;
};

Locks& locks() {
  static Locks all;
  return all;
}

void make_lock_folder() {
  const fs::path folder = lock_folder();
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw InfrastructureError("cannot make " + folder.string() + ": " + std::strerror(errno));
  }
  if (const auto why = distrust(folder)) throw InfrastructureError(*why);
}

fs::path lock_path(const std::string& run_id) {
  std::string name = run_id;
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  }
  return lock_folder() / (name + ".lock");
}

std::optional<pid_t> to_pid(const std::string& name) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

// Whether a process is ours to judge: same user, and the same root folder, as a process in another
// root (a chroot, a container) has locks that we cannot see.
bool shares_our_world(const fs::path& proc) {
  struct stat process {
  }, its_root{}, our_root{};
  return stat(proc.c_str(), &process) == 0 && process.st_uid == getuid() &&
         stat((proc / "root").c_str(), &its_root) == 0 && stat("/", &our_root) == 0 &&
         its_root.st_dev == our_root.st_dev && its_root.st_ino == our_root.st_ino;
}

// The run that a process is labelled with, or nothing. Of arguments only a JVM's count: others may
// merely speak of a run, as grep does.
std::string run_of_process(const fs::path& proc) {
  const auto line = file_text(proc / "cmdline").value_or("");
  if (fs::path(line.substr(0, line.find('\0'))).filename() == "java") {
    if (auto run = find_entry(line, run_argument); !run.empty()) return run;
  }
  return find_entry(file_text(proc / "environ").value_or(""), std::string(run_variable) + "=");
}

// Kills by pidfd, after a second look at the command line, so that a recycled pid is never hit.
std::optional<std::string> end_process(pid_t pid, const std::string& run) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) return std::nullopt;  // gone by itself
  const ScopeGuard closing([pidfd]() noexcept { close(pidfd); });
  const auto proc = fs::path("/proc") / std::to_string(pid);
  if (run_of_process(proc) != run) return std::nullopt;
  const auto label = "process " + std::to_string(pid) + " of run " + run;
  if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0) != 0) {
    return "could not end " + label + ": " + std::strerror(errno);
  }
  for (int i = 0; i < 500; ++i) {
    const auto stat = read_proc_stat(pid);
    if (!stat || stat->state == 'Z') return "ended " + label;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return "killed " + label + ", which is not gone yet";
}

}  // namespace

// Anyone may write to /tmp: a folder that is not ours alone proves nothing about our runs, neither
// that one is dead nor where its data lies.
std::optional<std::string> distrust(const fs::path& folder) {
  struct stat about {};
  if (lstat(folder.c_str(), &about) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return folder.string() + ": " + std::strerror(errno);
  }
  const auto why = not_ours(about, S_IFDIR);
  if (!why) return std::nullopt;
  return folder.string() + " " + *why + "; no run can be told dead or alive by it: remove it";
}

std::optional<std::string> trusted_text(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  const ScopeGuard closing([fd]() noexcept { close(fd); });
  struct stat about {};
  if (fstat(fd, &about) != 0 || not_ours(about, S_IFREG)) return std::nullopt;
  return file_text("/proc/self/fd/" + std::to_string(fd));
}

// Not under TMPDIR, which may differ between the run and a later `down`.
fs::path lock_folder() { return "/tmp/seatrial-" + std::to_string(getuid()); }

RunLock::RunLock(const fs::path& results, std::string run_id) : run_id_(std::move(run_id)) {
  const std::lock_guard guard(locks().mutex);
  auto& by_run = locks().by_run;
  if (const auto held = by_run.find(run_id_); held != by_run.end()) {
    ++held->second.holders;
    return;
  }
  make_lock_folder();
  const auto path = lock_path(run_id_);
  FileLock lock(path);
  if (!lock.held()) {
    throw InfrastructureError("another process has run " + run_id_ + " in progress (" +
                              path.string() + ")");
  }
  // In place: a rename would leave the lock on a file without a name.
  const auto text =
      "pid " + std::to_string(getpid()) + "\nresults " + fs::absolute(results).string() + "\n";
  const int fd = open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  const bool written =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) close(fd);
  if (!written) throw InfrastructureError("cannot write " + path.string());
  by_run.emplace(run_id_, Held{std::move(lock), 1});
}

RunLock::~RunLock() {
  const std::lock_guard guard(locks().mutex);
  const auto held = locks().by_run.find(run_id_);
  if (--held->second.holders > 0) return;
  unlink(lock_path(run_id_).c_str());  // before the lock goes, so that nobody locks a nameless file
  locks().by_run.erase(held);
}

bool run_is_alive(const std::string& run_id) {
  {
    const std::lock_guard guard(locks().mutex);
    if (locks().by_run.contains(run_id)) return true;
  }
  if (distrust(lock_folder())) return true;  // unknown: assume the best of it
  const int fd = open(lock_path(run_id).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno != ENOENT;  // unreadable: assume the best of it
  const FileLock lock(fd);
  if (!lock.held()) return true;
  unlink(lock_path(run_id).c_str());
  return false;
}

std::string find_entry(std::string_view list, std::string_view prefix) {
  while (!list.empty()) {
    const auto end = std::min(list.find('\0'), list.size());
    const auto entry = list.substr(0, end);
    if (entry.starts_with(prefix)) return std::string(entry.substr(prefix.size()));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

std::vector<std::string> sweep_processes() {
  std::vector<std::string> done;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator("/proc", failure)) {
    const auto pid = to_pid(entry.path().filename().string());
    if (!pid || *pid == getpid() || !shares_our_world(entry.path())) continue;
    const auto run = run_of_process(entry.path());
    if (run.empty() || run_is_alive(run)) continue;
    if (auto line = end_process(*pid, run)) done.push_back(std::move(*line));
  }
  if (failure) done.push_back("could not read /proc: " + failure.message());
  return done;
}

DataFolder::DataFolder(const fs::path& root, const std::string& run_id) : run_id_(run_id) {
  make_lock_folder();
  std::error_code failure;
  fs::create_directories(root, failure);
  if (failure) throw InfrastructureError("cannot make " + root.string() + ": " + failure.message());
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto name = data_prefix + run_id + "-" + std::to_string(random());
    path_ = fs::absolute(root) / name;
    entry_ = lock_folder() / (name + data_suffix);
    if (fs::exists(path_) || fs::exists(entry_)) continue;
    write_file(entry_, run_id + "\n" + path_.string(), Readers::owner);
    const auto made = make_labelled_folder(path_, run_id);
    if (made && *made) return;
    unlink(entry_.c_str());
    if (!made) throw InfrastructureError(made.error().message);
  }
  throw InfrastructureError("cannot find a free folder name in " + root.string());
}

DataFolder::~DataFolder() {
  if (const auto trouble = remove()) notice(*trouble);
}

std::optional<std::string> DataFolder::remove() noexcept try {
  const auto removed = remove_labelled_folder(path_, run_id_);
  if (!removed) return "could not remove " + removed.error().message;
  unlink(entry_.c_str());
  return std::nullopt;
} catch (const std::exception& error) {
  return std::string("could not remove a data folder: ") + error.what();
}

std::vector<std::string> sweep_data(const fs::path& entries) {
  std::vector<std::string> done;
  if (const auto why = distrust(entries)) return {"could not look for what is left: " + *why};
  std::error_code absent;  // no lock folder: nothing ever ran
  for (const auto& file : fs::directory_iterator(entries, absent)) {
    if (!file.path().string().ends_with(data_suffix)) continue;
    const auto text = trusted_text(file.path()).value_or("");
    const auto newline = text.find('\n');
    if (newline == std::string::npos) continue;
    const auto run = text.substr(0, newline);
    const fs::path folder = text.substr(newline + 1);
    // Entry and folder have one name, which has the run in it: else we did not write it.
    const auto name = folder.filename().string();
    if (file.path().filename() != name + data_suffix) continue;
    if (!folder.is_absolute() || !name.starts_with(data_prefix + run + "-")) continue;
    if (run_is_alive(run)) continue;
    const auto removed = remove_labelled_folder(folder, run);
    if (removed) unlink(file.path().c_str());
    if (!removed) done.push_back("could not remove " + removed.error().message);
    else if (*removed) done.push_back("removed " + folder.string());
  }
  return done;
}

std::string owner_of_runs() {
  make_lock_folder();
  const auto file = lock_folder() / "owner";
  const auto lock = FileLock::wait(lock_folder() / "owner.lock", seconds(10), {});
  auto owner = trusted_text(file);
  if (owner && !owner->empty()) return *owner;
  std::random_device random;
  owner = std::to_string(getuid()) + "-" + std::to_string(random()) + std::to_string(random());
  write_file(file, *owner, Readers::owner);
  return *owner;
}

}  // namespace seatrial::clusters
