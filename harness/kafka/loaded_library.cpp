// Asks the dynamic loader whose code a function of the library is.
#include "kafka/loaded_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string_view>

#include "kafka/config.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {
namespace {

std::string resolved(const char* path) {
  const std::unique_ptr<char, Call<std::free>> real(realpath(path, nullptr));
  return real ? real.get() : path;
}

}  // namespace

LoadedLibrary loaded_library() {
  LoadedLibrary out{.version = library_version(), .file = {}};
  // By name, since the address that the program itself uses may be a stub of its own.
  Dl_info where{};
  void* const function = dlsym(RTLD_DEFAULT, "rd_kafka_version_str");
  if (function != nullptr && dladdr(function, &where) != 0) out.file = resolved(where.dli_fname);
  std::set<std::string> files;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* found) {
        const std::string_view name(info->dlpi_name);
        const auto slash = name.rfind('/');
        if (name.substr(slash == name.npos ? 0 : slash + 1).starts_with("librdkafka")) {
          static_cast<std::set<std::string>*>(found)->insert(resolved(info->dlpi_name));
        }
        return 0;
      },
      &files);
  if (!out.file.empty()) files.insert(out.file);
  out.copies = static_cast<int>(files.size());
  return out;
}

}  // namespace seatrial::kafka
