// A container made with the docker command, named dso-unit-<random>, removed at the end; and whether an engine answers at all.
#pragma once
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/digest.h"
#include "docker/engine.h"

namespace dso::test {

/// Runs a shell command; its stdout without the last newline.
inline std::string shell(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  char piece[512];
  while (const std::size_t n = fread(piece, 1, sizeof piece, pipe)) out.append(piece, n);
  pclose(pipe);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

/// False, with a message: the test has nothing to test against.
inline bool engine_answers() {
  static const bool answers = [] {
    auto engine = Engine::from_environment();
    return engine.has_value() && engine->version(Deadline::in(std::chrono::seconds(10))).has_value();
  }();
  if (!answers) BOOST_TEST_MESSAGE("skipped: no Docker engine answers");
  return answers;
}

class RealContainer {
 public:
  /// `arguments` as of `docker run -d`: options, image, command.
  explicit RealContainer(const std::string& arguments, const std::string& verb = "run -d") : name("dso-unit-" + random_hex(6)) {
    id = shell("docker " + verb + " --name " + name + " " + arguments + " 2>&1");
    if (id.size() != 64) remove();  // made, but not started
    BOOST_REQUIRE_MESSAGE(id.size() == 64, id);
  }
  ~RealContainer() {
    if (in_nobodys_way)
      shell("docker rm -fv " + name + " >/dev/null 2>&1 &");
    else
      remove();
  }
  RealContainer(const RealContainer&) = delete;
  RealContainer& operator=(const RealContainer&) = delete;
  void remove() const { shell("docker rm -fv " + name + " 2>/dev/null"); }

  const std::string name;
  std::string id;
  bool in_nobodys_way = false;  ///< It is not waited for that it is gone.
};

}  // namespace dso::test
