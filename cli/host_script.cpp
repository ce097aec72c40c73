// exec, so that the terminal, signals and exit code are the script's.
#include "host_script.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"

namespace dso::cli {
namespace {

std::string this_program() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : std::string();
}

Error not_installed(const std::string& program, const std::string& name) {
  Error e;
  e.cls = ErrorClass::not_found;
  e.what = "There is no `" + name + "` script to this program, " + program;
  if (program.starts_with("/usr/bin/")) {
    e.cause = "it came as a package";
    e.next = name == "uninstall" ? "Run `apt-get remove dso`; `apt-get purge dso` takes config, store and state too."
                                 : "Run `dpkg-reconfigure dso`, then `dso init`.";
  } else {
    e.cause = "scripts/install did not put it there";
    e.next = name == "uninstall" ? "Take away what was put there by hand." : "Run scripts/install, or the `install` of a bundle.";
  }
  return e;
}

}  // namespace

InstalledScript installed_script(const std::string& program, const std::string& name, const std::string& home) {
  const std::filesystem::path path(program), folder = path.parent_path(), above = folder.parent_path();
  InstalledScript out;
  std::string prefix;
  if (folder.filename() == "bin") {
    prefix = above.string();
    out.path = prefix + "/lib/dso/" + name;
    out.arguments = {"--system"};
    if (prefix == "/usr/local") return out;
  } else if (folder.filename() == "dso" && above.filename() == "lib") {
    prefix = above.parent_path().string();
    out.path = (folder / name).string();
    out.arguments = {"--user"};
    if (prefix == home + "/.local") return out;
  } else {
    return out;
  }
  out.arguments.insert(out.arguments.end(), {"--prefix", prefix});
  return out;
}

Error exec_installed(const std::string& name, const std::vector<std::string>& more) {
  const std::string program = this_program();
  const char* home = std::getenv("HOME");
  InstalledScript script = installed_script(program, name, home ? home : "");
  if (script.path.empty() || access(script.path.c_str(), X_OK) != 0) return not_installed(program, name);
  std::vector<std::string> words = {script.path};
  words.insert(words.end(), script.arguments.begin(), script.arguments.end());
  words.insert(words.end(), more.begin(), more.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  execv(script.path.c_str(), argv.data());
  return io_error("Cannot start '" + script.path + "'", errno, "It needs bash.");
}

}  // namespace dso::cli
