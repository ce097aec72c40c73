// The store and dso-init as real containers see them, by the engine of this host; skipped where there is none. The images are
// those of tests/peers/images.sh.
#include <sys/wait.h>

#include <cstdio>
#include <future>

#include "base/digest.h"
#include "delivery/env_shim.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

namespace {

struct Ran {
  int status = -1;
  std::string output;  ///< Both streams.
};
Ran run(const std::string& command) {
  Ran r;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char chunk[4096];
  for (std::size_t n; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) r.output.append(chunk, n);
  const int status = pclose(pipe);
  r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return r;
}

boost::test_tools::assertion_result has_engine(boost::unit_test::test_unit_id) {
  static const bool yes = run("docker image inspect dso-test/busybox:1 dso-test/user:1 dso-test/scratch:1").status == 0;
  boost::test_tools::assertion_result result(yes);
  if (!yes) result.message() << "no engine, or not the images of tests/peers/images.sh";
  return result;
}

struct Containers : StoreFixture {
  std::string name = "dso-delivery-" + random_hex(6);
  std::string shim = *install_env_shim(root.path + "/state");

  ~Containers() { run("docker rm -f " + name); }

  /// `docker run` arguments for the scope's mounts, and dso-init as entrypoint where there are variables.
  std::string mounts(const std::string& id, const Content& content) const {
    const DeliveryPlan plan = plan_of(content);
    std::string out;
    for (const ScopeMount& m : store.mounts(id, plan))
      out += " --mount type=bind,readonly,source=" + m.host_path + ",target=" + m.container_path;
    if (!plan.env.empty())
      out += " --mount type=bind,readonly,source=" + shim + ",target=" + kShimInContainer + " --entrypoint " + kShimInContainer;
    return out;
  }
  Ran docker_run(const std::string& arguments) const {
    return run("docker run --rm --network none --name " + name + " " + arguments);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(in_container, Containers, *boost::unit_test::precondition(has_engine))

BOOST_AUTO_TEST_CASE(a_running_container_sees_the_new_value) {
  const Content one{{"/run/secrets/a", "first"}, {"/run/secrets/old", "x"}, {"/etc/app/k", "k1"}};
  write("s", "d1", one);
  BOOST_REQUIRE_EQUAL(
      run("docker run -d --network none --read-only --name " + name + mounts("s", one) + " dso-test/busybox:1 sleep 600").status,
      0);
  BOOST_CHECK_EQUAL(run("docker exec " + name + " cat /run/secrets/a /etc/app/k").output, "firstk1");
  write("s", "d2", {{"/run/secrets/a", "second"}, {"/run/secrets/new", "y"}, {"/etc/app/k", "k2"}});
  BOOST_CHECK_EQUAL(run("docker exec " + name + " cat /run/secrets/a /etc/app/k").output, "secondk2");
  BOOST_CHECK_EQUAL(run("docker exec " + name + " ls /run/secrets").output, "a\nnew\n");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(run("docker exec " + name + " cat /run/secrets/a").output, "first");
  BOOST_CHECK_NE(run("docker exec " + name + " sh -c 'echo x > /run/secrets/a'").status, 0);  // read-only
  // A restart finds the same folder.
  BOOST_REQUIRE_EQUAL(run("docker restart -t 0 " + name).status, 0);
  BOOST_CHECK_EQUAL(run("docker exec " + name + " cat /run/secrets/a").output, "first");
}

BOOST_AUTO_TEST_CASE(a_user_of_the_image_reads_what_is_its_own) {
  const Content content{{"/run/secrets/a", "mine"}, {"/run/secrets/b", "not"}};
  ScopeState state = state_of("s", "d");
  DeliveryPlan plan = plan_of(content);
  plan.files[0].uid = 1000;
  plan.files[0].gid = 1000;
  BOOST_REQUIRE(store.write(state, plan).has_value());
  // one stream at a time: the engine promises no order between two
  const Ran own = docker_run(mounts("s", content) + " dso-test/user:1 sh -c 'id -u; cat /run/secrets/a'");
  BOOST_CHECK_EQUAL(own.output, "1000\nmine");
  const Ran other = docker_run(mounts("s", content) + " dso-test/user:1 cat /run/secrets/b");
  BOOST_CHECK_MESSAGE(other.status == 1 && other.output.find("denied") != std::string::npos, other.output);
}

BOOST_AUTO_TEST_CASE(folders_within_folders) {
  const Content content{{"/run/secrets/a", "outer"}, {"/run/secrets/db/key", "inner"}};
  write("s", "d", content);
  BOOST_CHECK_EQUAL(
      docker_run("--read-only" + mounts("s", content) + " dso-test/busybox:1 cat /run/secrets/a /run/secrets/db/key").output,
      "outerinner");
}

BOOST_AUTO_TEST_CASE(a_scope_that_is_gone_stops_the_start) {
  const Content content{{"/run/secrets/a", "1"}};
  write("s", "d", content);
  BOOST_REQUIRE(store.remove("s").has_value());
  const Ran r = docker_run(mounts("s", content) + " dso-test/busybox:1 true");
  BOOST_CHECK_MESSAGE(r.status == 125 && r.output.find("does not exist") != std::string::npos, r.output);
}

BOOST_AUTO_TEST_CASE(a_reader_never_sees_half) {
  const auto content = [](int i) {
    return Content{{"/run/secrets/a", std::to_string(i)}, {"/run/secrets/b", std::to_string(i)}};
  };
  write("s", "d", content(0));
  // The working directory pins a generation; one that is forgotten meanwhile has no files any more, which is not half.
  const std::string script =
      "i=0; while [ $i -lt 2000 ]; do cd /run/secrets/..data || echo MISSED; "
      "if read a <a && read b <b; then [ \"$a\" = \"$b\" ] || echo HALF $a $b; fi 2>/dev/null; "
      "read c </run/secrets/a || echo MISSED; i=$((i+1)); done; echo done";
  const auto with_newlines = [&](int i) {
    Content c = content(i);
    for (auto& [path, value] : c) value += "\n";
    return c;
  };
  write("s", "d", with_newlines(0));
  auto reader = std::async(std::launch::async,
                           [&] { return docker_run(mounts("s", content(0)) + " dso-test/busybox:1 sh -c '" + script + "'"); });
  int writes = 1;
  for (; reader.wait_for(std::chrono::seconds(0)) != std::future_status::ready; ++writes) {
    write("s", "d", with_newlines(writes));
    BOOST_REQUIRE(store.forget_previous("s").has_value());
  }
  BOOST_CHECK_EQUAL(reader.get().output, "done\n");
  BOOST_CHECK_GT(writes, 3);
}

BOOST_AUTO_TEST_CASE(variables_reach_pid_1_of_a_scratch_image_and_nobody_else) {
  const Content content{{"DB_PASSWORD", "from dso = and\nmore"}, {"FOO", "new"}};
  write("s", "d", content);
  const Ran started = run("docker run -d --network none --read-only -e FOO=old -e KEPT=yes --name " + name +
                          mounts("s", content) + " dso-test/scratch:1 /app");
  BOOST_REQUIRE_MESSAGE(started.status == 0, started.output);
  std::string logs;
  for (int i = 0; i < 500 && logs.find("more") == std::string::npos; ++i) logs = run("docker logs " + name).output;
  BOOST_CHECK(logs.find("DB_PASSWORD=from dso = and\nmore\n") != std::string::npos);
  BOOST_CHECK(logs.find("FOO=new\n") != std::string::npos && logs.find("FOO=old") == std::string::npos);
  BOOST_CHECK(logs.find("KEPT=yes\n") != std::string::npos);
  BOOST_CHECK(run("docker inspect " + name).output.find("from dso") == std::string::npos);
  BOOST_CHECK_EQUAL(run("docker top " + name + " -o pid,args").output.find("dso"),
                    std::string::npos);                           // exec: it became the program
  BOOST_CHECK_EQUAL(run("docker stop -t 30 " + name).status, 0);  // and gets its signals
  BOOST_CHECK_EQUAL(run("docker inspect -f '{{.State.ExitCode}}' " + name).output, "0\n");
}

BOOST_AUTO_TEST_CASE(the_shim_runs_as_the_images_user_and_along_the_new_path) {
  const Content content{{"PATH", "/nowhere:/bin"}, {"K", "v"}};
  ScopeState state = state_of("s", "d");
  state.scope.user_uid = 1000;
  state.scope.user_gid = 1000;
  BOOST_REQUIRE(store.write(state, plan_of(content)).has_value());
  BOOST_CHECK_EQUAL(docker_run(mounts("s", content) + " dso-test/user:1 sh -c 'echo $(id -u) $$ $PATH $K $1' sh arg").output,
                    "1000 1 /nowhere:/bin v arg\n");
}

BOOST_AUTO_TEST_CASE(the_shim_refuses_as_the_engine_would) {
  const Content content{{"K", "hidden-value"}};
  write("s", "d", content);
  const std::string m = mounts("s", content);
  const auto ends = [&](const std::string& command, int status, const std::string& text) {
    const Ran r = docker_run(command);
    BOOST_CHECK_EQUAL(r.status, status);
    BOOST_CHECK_MESSAGE(r.output.find(text) != std::string::npos, r.output);
    BOOST_CHECK(r.output.find("hidden-value") == std::string::npos);
  };
  ends(m + " dso-test/busybox:1 nosuchprogram", 127, "dso-init: nosuchprogram: No such file");
  ends(m + " dso-test/busybox:1 /no/such", 127, "dso-init: /no/such: No such file");
  ends(m + " dso-test/busybox:1 /etc", 126, "dso-init: /etc: Permission denied");
  ends(m + " dso-test/busybox:1", 125, "dso-init: usage");
  // No start without the secrets.
  ends("--mount type=bind,readonly,source=" + shim + ",target=/run/dso/init --entrypoint /run/dso/init dso-test/busybox:1 true",
       125, "dso-init: /run/dso/env/env: No such file or directory: the container starts only with its secrets");
  const std::string folder = store.paths().secrets_dir() + "/damaged";
  std::filesystem::create_directory(folder);
  for (const std::string& damaged :
       {std::string("K=hidden-value"), std::string("hidden-value\0", 13), std::string("=hidden-value\0", 14)}) {
    BOOST_REQUIRE(replace_file(folder + "/env", damaged, 0444).has_value());
    ends("--mount type=bind,readonly,source=" + folder + ",target=/run/dso/env --mount type=bind,readonly,source=" + shim +
             ",target=/run/dso/init --entrypoint /run/dso/init dso-test/busybox:1 true",
         125, "damaged");
  }
}

BOOST_AUTO_TEST_CASE(no_byte_of_a_value_is_on_the_disk) {
  const std::string canary = "canary" + random_hex(12);
  const Content content{{"/run/secrets/a", canary}, {"K", canary}};
  write("s", "d", content);
  BOOST_REQUIRE_EQUAL(
      run("docker run -d --network none --name " + name + mounts("s", content) + " dso-test/busybox:1 sleep 600").status, 0);
  BOOST_CHECK_EQUAL(run("docker exec " + name + " cat /run/secrets/a").output, canary);
  BOOST_CHECK(run("docker inspect " + name).output.find(canary) == std::string::npos);
  const std::string patterns = store.paths().secrets_dir() + "/patterns";  // on the tmpfs: never an argument
  BOOST_REQUIRE(replace_file(patterns, canary + "\n", 0600).has_value());
  const std::string data = run("docker info -f '{{.DockerRootDir}}'").output;
  // The merged view of a running container shows its mounts only inside; what is below the root dir is disk.
  // -s: containers of others come and go meanwhile, and files with them
  const std::string grep = "grep -rlasF --devices=skip -f " + patterns + " ";
  const Ran found = run(grep + data.substr(0, data.find('\n')) + " " + root.path + "/state " + root.path + "/run/locks");
  BOOST_CHECK_MESSAGE(found.output.empty(), found.output);
  BOOST_CHECK_EQUAL(run(grep + store.paths().secrets_dir() + "/s").status, 0);  // it would have been found
}

BOOST_AUTO_TEST_SUITE_END()
