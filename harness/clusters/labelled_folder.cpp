// By descriptors throughout: between a look at a path and its use, a path may come to mean another.
#include "clusters/labelled_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr const char* label_file = ".seatrial-run";
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return fd_; }  // NOLINT: it is one

 private:
  int fd_;
};

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

Error system_error(const std::string& what) { return {what + ": " + std::strerror(errno), ""}; }

// The label of an open folder; nothing if it has none that we wrote.
std::optional<std::string> label_of(int folder) {
  const Descriptor file(openat(folder, label_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (file < 0 || fstat(file, &about) != 0 || not_ours(about, S_IFREG)) return std::nullopt;
  std::array<char, 512> text{};
  const auto got = read(file, text.data(), text.size());
  if (got < 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(got));
}

std::optional<Error> empty(int folder, dev_t device, std::string_view spared);

std::optional<Error> remove_entry(int folder, const char* name, dev_t device) {
  struct stat about {};
  if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? std::nullopt : std::optional(system_error(name));
  }
  if (about.st_dev != device) return Error{std::string(name) + " is another file system", ""};
  if (!S_ISDIR(about.st_mode)) {
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) return std::nullopt;
    return system_error(name);
  }
  {
    const Descriptor inner(openat(folder, name, folder_flags));
    if (inner < 0) return system_error(name);
    if (auto trouble = empty(inner, device, {})) return trouble;
  }
  if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return std::nullopt;
  return system_error(name);
}

std::optional<Error> empty(int folder, dev_t device, std::string_view spared) {
  struct stat about {};
  if (fstat(folder, &about) != 0) return system_error("a folder in it");
  if (about.st_dev != device) return Error{"a folder in it is another file system", ""};
  const int again = openat(folder, ".", folder_flags);  // the stream owns it
  const std::unique_ptr<DIR, CloseFolder> entries(again < 0 ? nullptr : fdopendir(again));
  if (!entries) return system_error("reading it");
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name == spared) continue;
    if (auto trouble = remove_entry(folder, entry->d_name, device)) return trouble;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> not_ours(const struct stat& about, mode_t kind) {
  if ((about.st_mode & S_IFMT) != kind) {
    return std::string(kind == S_IFDIR ? "is no folder" : "is no plain file");
  }
  if (about.st_uid != getuid()) return "belongs to user " + std::to_string(about.st_uid);
  if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "can be written by others";
  return std::nullopt;
}

Result<bool> make_labelled_folder(const fs::path& folder, const std::string& label) {
  if (mkdir(folder.c_str(), 0700) != 0) {
    if (errno == EEXIST) return false;
    return system_error("cannot make " + folder.string());
  }
  const Descriptor made(open(folder.c_str(), folder_flags));
  const Descriptor file(
      openat(made, label_file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file < 0 || write(file, label.data(), label.size()) != static_cast<ssize_t>(label.size())) {
    return system_error("cannot label " + folder.string());
  }
  return true;
}

Result<bool> remove_labelled_folder(const fs::path& path, const std::string& label) {
  const auto name = path.filename().string();
  const auto left = [&](const std::string& why) { return Error{path.string() + ": " + why, ""}; };
  const Descriptor parent(open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (parent < 0) {
    if (errno == ENOENT) return false;
    return system_error(path.string());
  }
  const Descriptor folder(openat(parent, name.c_str(), folder_flags));
  if (folder < 0) {
    if (errno == ENOENT) return false;
    if (errno == ELOOP || errno == ENOTDIR) return left("it is no folder");
    return system_error(path.string());
  }
  struct stat about {};
  if (fstat(folder, &about) != 0) return system_error(path.string());
  if (const auto why = not_ours(about, S_IFDIR)) return left("it " + *why);
  // One that was made and not labelled yet has nothing in it.
  const auto found = label_of(folder);
  if (!found && unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return true;
  if (found != label) return left("it does not carry the label of that run");
  if (const auto trouble = empty(folder, about.st_dev, label_file)) return left(trouble->message);
  struct stat present {};
  if (fstatat(parent, name.c_str(), &present, AT_SYMLINK_NOFOLLOW) != 0 ||
      present.st_ino != about.st_ino || present.st_dev != about.st_dev) {
    return left("it was replaced by another while it was removed");
  }
  // The label goes last, so that a removal that is cut short can be ended later.
  if (unlinkat(folder, label_file, 0) == 0 && unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) {
    return true;
  }
  return system_error(path.string());
}

}  // namespace seatrial::clusters
