// kill -9 between any two changes that the store makes: the parent runs this program as a child that dies at step 1, 2, 3, …
// until one run comes to its end. After each death readers must see whole folders, and the next write must leave no trace of it.
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "delivery/steps.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

extern char** environ;

BOOST_AUTO_TEST_SUITE(killed_writer)

namespace {

const Content kOne{{"/run/secrets/a", "1"}, {"/run/secrets/b", "1"}, {"/run/secrets/old", "1"}, {"/etc/app/k", "1"}, {"K", "1"}};
const Content kTwo{{"/run/secrets/a", "2"}, {"/run/secrets/b", "2"}, {"/run/secrets/new", "2"}, {"/etc/app/k", "2"}, {"K", "2"},
                   {"/srv/more/m", "2"}};
const Content kThree{{"/run/secrets/a", "3"}, {"/run/secrets/b", "3"}, {"/etc/app/k", "3"}, {"K", "3"}, {"/srv/more/m", "3"}};

int kill_at = 0;
void die_at_step(const char*) {
  if (--kill_at == 0) raise(SIGKILL);
}

/// True if the child died; false if it came to its end.
bool run_child(const TempRoot& root, const std::string& operation, int step) {
  setenv("DSO_TEST_ROOT", root.path.c_str(), 1);
  setenv("DSO_TEST_OPERATION", operation.c_str(), 1);
  setenv("DSO_TEST_STEP", std::to_string(step).c_str(), 1);
  std::string self = "/proc/self/exe", test = "--run_test=killed_writer/child", quiet = "--log_level=nothing",
              report = "--report_level=no";
  char* argv[] = {self.data(), test.data(), quiet.data(), report.data(), nullptr};
  pid_t child = 0;
  BOOST_REQUIRE_EQUAL(
      posix_spawn(&child, std::filesystem::read_symlink("/proc/self/exe").c_str(), nullptr, nullptr, argv, environ), 0);
  int status = 0;
  BOOST_REQUIRE_EQUAL(waitpid(child, &status, 0), child);
  const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  BOOST_REQUIRE_MESSAGE(died || (WIFEXITED(status) && WEXITSTATUS(status) == 0), "the child failed by itself: " << status);
  return died;
}

/// "1", "2", … if every file of the folder is of that generation; "" if the folder is not there or empty.
std::string whole(const std::string& path) {
  if (!std::filesystem::exists(path)) return "";
  std::set<std::string> contents;
  for (const auto& e : std::filesystem::directory_iterator(path + "/..data/")) contents.insert(slurp(e.path()));
  BOOST_REQUIRE_LE(contents.size(), 1u);
  return contents.empty() ? "" : *contents.begin();
}

struct Seen {
  std::string secrets, app, env;
};
Seen look(const TmpfsStore& store) {
  Seen s{whole(folder_in(store, "s", "/run/secrets")), whole(folder_in(store, "s", "/etc/app")), ""};
  const std::string env = store.paths().secrets_dir() + "/s/env/env";
  if (std::filesystem::exists(env)) s.env = slurp(env).substr(2, 1);
  return s;
}

void check_next_write(TmpfsStore& store) {
  BOOST_REQUIRE(store.write(state_of("s", "d3"), plan_of(kThree)).has_value());
  BOOST_REQUIRE(store.forget_previous("s").has_value());
  const std::string secrets = folder_in(store, "s", "/run/secrets"), app = folder_in(store, "s", "/etc/app"),
                    more = folder_in(store, "s", "/srv/more");
  BOOST_CHECK_EQUAL(show_folder(secrets), "a=3 b=3 ");
  BOOST_CHECK_EQUAL(show_folder(app), "k=3 ");
  BOOST_CHECK_EQUAL(show_folder(more), "m=3 ");
  for (const std::string& folder : {secrets, app, more, store.paths().secrets_dir() + "/s/env"}) {
    BOOST_CHECK_EQUAL(generations_in(folder), 1u);
    BOOST_CHECK(!names_in(folder).contains("..data.new"));
  }
  BOOST_CHECK_EQUAL(names_in(store.paths().secrets_dir() + "/s").size(), 5u);  // four folders and the state
  BOOST_CHECK(names_in(store.paths().secrets_dir()) == std::set<std::string>{"s"});
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d3");
}

/// Runs `operation` with a death at each step, `before` preparing and `after` judging.
template <class Before, class After>
int enumerate(const std::string& operation, Before before, After after) {
  for (int step = 1;; ++step) {
    BOOST_TEST_CONTEXT(operation << " killed at step " << step) {
      TempRoot root;
      {
        auto store = TmpfsStore::open(root.paths());
        before(*store);
      }
      const bool died = run_child(root, operation, step);
      auto store = TmpfsStore::open(root.paths());
      BOOST_REQUIRE(store.has_value());
      after(*store, died);
      if (!died) return step - 1;
    }
  }
}

void write(TmpfsStore& store, const char* digest, const Content& content) {
  BOOST_REQUIRE(store.write(state_of("s", digest), plan_of(content)).has_value());
}

}  // namespace

BOOST_AUTO_TEST_CASE(child, *boost::unit_test::disabled()) {
  if (!getenv("DSO_TEST_ROOT")) return;  // chosen by name, with nobody to kill it
  auto store = TmpfsStore::open({std::string(getenv("DSO_TEST_ROOT")) + "/run", std::string(getenv("DSO_TEST_ROOT")) + "/state"});
  const std::string operation = getenv("DSO_TEST_OPERATION");
  kill_at = std::stoi(getenv("DSO_TEST_STEP"));
  delivery::set_step_hook(die_at_step);
  Result<void> done;
  if (operation == "first") done = store->write(state_of("s", "d1"), plan_of(kOne));
  if (operation == "second") done = store->write(state_of("s", "d2"), plan_of(kTwo));
  if (operation == "restore") {
    const auto restored = store->restore_previous("s");
    if (restored.has_error()) done = restored.error();
  }
  if (operation == "forget") {
    done = store->forget_previous("s");
    // what was given up goes a moment later
    while (done.has_value() && generations_in(folder_in(*store, "s", "/run/secrets"), true) != 0)
      done = store->sweep_earlier("s");
  }
  if (operation == "remove") done = store->remove("s");
  delivery::set_step_hook(nullptr);
  BOOST_CHECK(done.has_value());
}

BOOST_AUTO_TEST_CASE(the_first_write) {
  const int steps = enumerate(
      "first", [](TmpfsStore&) {},
      [](TmpfsStore& store, bool died) {
        const auto state = store.read("s");
        if (state.has_error()) BOOST_CHECK(died && state.error().cls == ErrorClass::not_found && store.list().empty());
        if (state.has_value()) BOOST_CHECK_EQUAL(digest_of(state), "d1");
        // A folder that a container could mount is never empty.
        const Seen seen = look(store);
        for (const std::string& one : {seen.secrets, seen.app, seen.env}) BOOST_CHECK(one == "1" || one.empty());
        for (const char* path : {"/run/secrets", "/etc/app"})
          if (std::filesystem::exists(folder_in(store, "s", path))) BOOST_CHECK_NE(show_folder(folder_in(store, "s", path)), "");
        check_next_write(store);
      });
  BOOST_CHECK_GT(steps, 20);
}

BOOST_AUTO_TEST_CASE(the_second_write) {
  const int steps = enumerate(
      "second", [](TmpfsStore& store) { write(store, "d1", kOne); },
      [](TmpfsStore& store, bool) {
        const Seen seen = look(store);
        for (const std::string& one : {seen.secrets, seen.app, seen.env}) BOOST_CHECK(one == "1" || one == "2");
        const std::string digest = digest_of(store.read("s"));
        if (digest == "d1") BOOST_CHECK(seen.secrets == "1" && seen.app == "1" && seen.env == "1");
        if (digest == "d2") BOOST_CHECK(seen.secrets == "2" && seen.app == "2" && seen.env == "2");
        BOOST_CHECK(digest == "d1" || digest == "d2" || digest.empty());
        check_next_write(store);
      });
  BOOST_CHECK_GT(steps, 30);
}

BOOST_AUTO_TEST_CASE(a_killed_second_write_is_undone_by_restoring) {
  enumerate(
      "second", [](TmpfsStore& store) { write(store, "d1", kOne); },
      [](TmpfsStore& store, bool) {
        if (store.restore_previous("s").has_error()) return;
        const Seen seen = look(store);
        BOOST_CHECK(seen.secrets == "1" && seen.app == "1" && seen.env == "1");
        BOOST_CHECK_EQUAL(show_folder(folder_in(store, "s", "/run/secrets")), "a=1 b=1 old=1 ");
        BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d1");
      });
}

BOOST_AUTO_TEST_CASE(restoring) {
  const int steps = enumerate(
      "restore", [](TmpfsStore& store) { write(store, "d1", kOne), write(store, "d2", kTwo); },
      [](TmpfsStore& store, bool died) {
        if (died) (void)store.restore_previous("s");  // again, or it was done
        const Seen seen = look(store);
        BOOST_CHECK(seen.secrets == "1" && seen.app == "1" && seen.env == "1");
        BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d1");
        check_next_write(store);
      });
  BOOST_CHECK_GT(steps, 10);
}

BOOST_AUTO_TEST_CASE(restoring_what_was_taken_out_of_sight) {
  const int steps = enumerate(
      "restore",
      [](TmpfsStore& store) {
        write_with_secret(store, "d1", "1");
        write_with_secret(store, "d2", "2");
        while (generations_in(folder_in(store, "s", "/run/secrets"), true) != 0)
          BOOST_REQUIRE(store.sweep_earlier("s").has_value());
      },
      [](TmpfsStore& store, bool died) {
        const std::string seen = whole(folder_in(store, "s", "/run/secrets"));
        BOOST_CHECK(seen == "1" || seen == "2");
        if (died) (void)store.restore_previous("s");  // again, or it was done
        BOOST_CHECK_EQUAL(whole(folder_in(store, "s", "/run/secrets")), "1");
        BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d1");
        check_next_write(store);
      });
  BOOST_CHECK_GT(steps, 6);
}

BOOST_AUTO_TEST_CASE(forgetting) {
  const int steps = enumerate(
      "forget", [](TmpfsStore& store) { write(store, "d1", kOne), write(store, "d2", kTwo); },
      [](TmpfsStore& store, bool) {
        BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d2");
        const Seen seen = look(store);
        BOOST_CHECK(seen.secrets == "2" && seen.app == "2" && seen.env == "2");
        check_next_write(store);
      });
  BOOST_CHECK_GT(steps, 5);
}

BOOST_AUTO_TEST_CASE(removing) {
  const int steps = enumerate(
      "remove", [](TmpfsStore& store) { write(store, "d1", kOne); },
      [](TmpfsStore& store, bool) {
        BOOST_REQUIRE(store.remove("s").has_value());
        BOOST_CHECK(names_in(store.paths().secrets_dir()).empty());
        BOOST_CHECK(store.known_scopes().empty());
      });
  BOOST_CHECK_GT(steps, 5);
}

BOOST_AUTO_TEST_SUITE_END()
