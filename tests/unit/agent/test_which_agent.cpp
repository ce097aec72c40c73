// Whose agent a command steers: the user's own before the host's, and the host's only where no folder was named.
#include "agent/which_agent.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "agent/control_server.h"

namespace dso {
namespace {

struct Folders {
  Folders() {
    char name[] = "/tmp/dso-which-agent-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name));
    dir = name;
    std::filesystem::create_directory(dir + "/own");
    paths.run_dir = dir + "/own";
    paths.host_socket = dir + "/host.sock";
  }
  ~Folders() { std::filesystem::remove_all(dir); }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;
  std::unique_ptr<HttpServer> agent(const std::string& socket) {
    const auto refused = [](const std::string&, std::stop_token) {
      return Result<std::string>(make_error(ErrorClass::internal, "No", "not asked for"));
    };
    auto server = start_control_server(
        socket, {[] {}, refused, refused, [&](std::stop_token) { return refused({}, {}); }, [] { return boost::json::object(); },
                 ring, [](const ServerRequest&) { return std::optional<ServerResponse>(); }});
    BOOST_REQUIRE(server.has_value());
    return std::move(*server);
  }
  std::string dir;
  Paths paths;
  LogRing ring{1};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(which_agent, Folders)

BOOST_AUTO_TEST_CASE(without_any_it_is_ones_own) {
  BOOST_TEST(agent_socket(paths) == dir + "/own/dso.sock");
  BOOST_TEST(vain_socket(paths) == dir + "/own/dso.sock");
}

BOOST_AUTO_TEST_CASE(the_hosts_where_none_of_ones_own_answers) {
  const auto host = agent(dir + "/host.sock");
  BOOST_TEST(agent_socket(paths) == dir + "/host.sock");
  std::ofstream(dir + "/own/dso.sock") << "of an agent that was killed";
  BOOST_TEST(agent_socket(paths) == dir + "/host.sock");
}

BOOST_AUTO_TEST_CASE(ones_own_is_first) {
  const auto host = agent(dir + "/host.sock"), own = agent(dir + "/own/dso.sock");
  BOOST_TEST(agent_socket(paths) == dir + "/own/dso.sock");
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_named_counts_alone) {
  const auto host = agent(dir + "/host.sock");
  paths.host_socket.clear();  // as with DSO_RUN_DIR
  BOOST_TEST(agent_socket(paths) == dir + "/own/dso.sock");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
