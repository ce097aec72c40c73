// The store's promises one by one: only tmpfs, modes and owners, whole switches, nothing left behind. (Way back and readers:
// test_store_generations.cpp.)
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_FIXTURE_TEST_SUITE(tmpfs_store, StoreFixture)

BOOST_AUTO_TEST_CASE(opening_mounts_one_closed_tmpfs) {
  const std::string secrets = store.paths().secrets_dir();
  struct statvfs fs {};
  BOOST_REQUIRE_EQUAL(statvfs(secrets.c_str(), &fs), 0);
  BOOST_CHECK_EQUAL(fs.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC), static_cast<unsigned long>(ST_NOSUID | ST_NODEV | ST_NOEXEC));
  BOOST_CHECK_EQUAL(fs.f_blocks * fs.f_frsize, 64u << 20);
  struct stat st {};
  BOOST_REQUIRE_EQUAL(stat(secrets.c_str(), &st), 0);
  BOOST_CHECK_EQUAL(st.st_mode & 07777, 0700u);

  BOOST_REQUIRE(TmpfsStore::open(root.paths()).has_value());
  BOOST_REQUIRE_EQUAL(umount(secrets.c_str()), 0);
  BOOST_CHECK_NE(umount(secrets.c_str()), 0);  // there was one, not two
}

BOOST_AUTO_TEST_CASE(a_look_makes_and_mounts_nothing) {
  TempRoot other;
  const auto looked = TmpfsStore::look(other.paths());
  BOOST_REQUIRE(looked.has_value());
  BOOST_CHECK(looked->list().empty() && looked->known_scopes().empty() && looked->read("s").has_error());
  BOOST_CHECK(names_in(other.path).empty());
  std::filesystem::create_directories(other.paths().secrets_dir());
  BOOST_CHECK(TmpfsStore::look(other.paths()).has_value());
  BOOST_CHECK_NE(umount(other.paths().secrets_dir().c_str()), 0);
  write("s", "d1", {{"/run/secrets/a", "1"}});
  BOOST_CHECK_EQUAL(digest_of(TmpfsStore::look(root.paths()).value().read("s")), "d1");
}

BOOST_AUTO_TEST_CASE(two_processes_open_at_once_and_mount_once) {
  TempRoot other;
  std::vector<std::future<bool>> opened;
  for (int i = 0; i < 4; ++i)
    opened.push_back(std::async(std::launch::async, [&] { return TmpfsStore::open(other.paths()).has_value(); }));
  for (auto& o : opened) BOOST_CHECK(o.get());
  BOOST_REQUIRE_EQUAL(umount(other.paths().secrets_dir().c_str()), 0);
  BOOST_CHECK_NE(umount(other.paths().secrets_dir().c_str()), 0);
}

BOOST_AUTO_TEST_CASE(a_disk_is_refused_when_the_tmpfs_went_away) {
  write("s", "d1", {{"/run/secrets/a", "1"}});
  BOOST_REQUIRE_EQUAL(umount(store.paths().secrets_dir().c_str()), 0);
  const auto r = store.write(state_of("s", "d2"), plan_of({{"/run/secrets/a", "2"}}));
  BOOST_REQUIRE(r.has_error());
  BOOST_CHECK(render(r.error()).find("not on a tmpfs") != std::string::npos);
  BOOST_CHECK(names_in(store.paths().secrets_dir()).empty());
  BOOST_CHECK(store.read("s").has_error());
  BOOST_CHECK(store.digest_key().has_error());
  BOOST_CHECK(store.list().empty());
}

BOOST_AUTO_TEST_CASE(a_user_who_is_not_root_gets_no_disk_either) {
  TempRoot other;
  BOOST_REQUIRE_EQUAL(chmod(other.path.c_str(), 0777), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    auto r = TmpfsStore::open(other.paths());
    _exit(r.has_error() && r.error().cause.find("only root can mount") != std::string::npos ? 0 : 2);
  }
  int status = -1;
  BOOST_REQUIRE_EQUAL(waitpid(child, &status, 0), child);
  BOOST_CHECK_EQUAL(status, 0);
}

BOOST_AUTO_TEST_CASE(owners_and_modes) {
  umask(077);  // must not matter
  const Content content{{"/run/secrets/a", "1"}, {"/run/secrets/b", "2"}, {"K", "v"}};
  DeliveryPlan plan = plan_of(content);
  plan.files[0].uid = 1000;
  plan.files[0].gid = 1001;
  plan.files[1].mode = 0444;
  BOOST_REQUIRE(store.write(state_of("s", "d"), plan).has_value());
  ScopeState known = state_of("known", "d");
  known.scope.user_uid = 1000;
  BOOST_REQUIRE(store.write(known, plan).has_value());
  umask(022);
  const auto show = [](const std::string& path) {
    struct stat st {};
    if (stat(path.c_str(), &st) != 0) return std::string("none");
    char text[64];
    std::snprintf(text, sizeof text, "%u:%u %04o", st.st_uid, st.st_gid, st.st_mode & 07777);
    return std::string(text);
  };
  BOOST_CHECK_EQUAL(show(folder("s") + "/a"), "1000:1001 0400");
  BOOST_CHECK_EQUAL(show(folder("s") + "/b"), "0:0 0444");
  BOOST_CHECK_EQUAL(show(folder("s")), "0:0 0755");
  BOOST_CHECK_EQUAL(show(folder("s") + "/..data/"), "0:0 0755");
  BOOST_CHECK_EQUAL(show(store.paths().secrets_dir() + "/s"), "0:0 0700");
  BOOST_CHECK_EQUAL(show(store.paths().secrets_dir() + "/s/state.json"), "0:0 0600");
  BOOST_CHECK_EQUAL(show(store.paths().secrets_dir() + "/s/env/env"), "0:0 0444");
  BOOST_CHECK_EQUAL(show(store.paths().secrets_dir() + "/known/env/env"), "1000:0 0400");
}

BOOST_AUTO_TEST_CASE(a_write_switches_all_files_and_names) {
  write("s", "d1", {{"/run/secrets/a", "1"}, {"/run/secrets/old", "x"}, {"/etc/app/key", "k1"}});
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=1 old=x ");
  BOOST_CHECK_EQUAL(show_folder(folder("s", "/etc/app")), "key=k1 ");
  write("s", "d2", {{"/run/secrets/a", "2"}, {"/run/secrets/new", "y"}, {"/etc/app/key", "k2"}});
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=2 new=y ");
  BOOST_CHECK_EQUAL(show_folder(folder("s", "/etc/app")), "key=k2 ");
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d2");
  BOOST_CHECK_EQUAL(generations_in(folder("s")), 2u);
  write("s", "d3", {{"/run/secrets/a", "3"}});
  BOOST_CHECK_EQUAL(generations_in(folder("s")), 2u);
  // Containers may still mount the folder: it stays, empty.
  BOOST_CHECK_EQUAL(show_folder(folder("s", "/etc/app")), "");
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d3");
}

BOOST_AUTO_TEST_CASE(an_env_file_is_never_taken_from_a_container_that_needs_one) {
  write("s", "d1", {{"A", "1"}, {"B", "2"}});
  BOOST_CHECK_EQUAL(slurp(store.paths().secrets_dir() + "/s/env/env"), std::string("A=1\0B=2\0", 8));
  write("s", "d2", {{"/run/secrets/a", "1"}});
  BOOST_CHECK_EQUAL(slurp(store.paths().secrets_dir() + "/s/env/env"), "");
}

BOOST_AUTO_TEST_CASE(a_state_is_recorded_without_touching_files) {
  BOOST_CHECK(store.save_state(state_of("s", "x")).error().cls == ErrorClass::not_found);
  write("s", "d1", {{"/run/secrets/a", "1"}});
  write("s", "d2", {{"/run/secrets/a", "2"}});
  BOOST_REQUIRE(store.save_state(state_of("s", "d2b")).has_value());
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d2b");
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=2 ");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d1");
}

BOOST_AUTO_TEST_CASE(a_state_comes_back_as_it_was) {
  ScopeState s = state_of("s", "d1");
  s.scope.user_uid = 4294967295u;
  s.scope.items[0].inject.type = InjectType::env;
  s.scope.items[0].inject.path = "/x \"quoted\"/";
  s.scope.items[0].inject.mode = 0440;
  s.scope.items[0].inject.visible = true;
  BOOST_REQUIRE(store.write(s, {}).has_value());
  const auto back = store.read("s");
  BOOST_REQUIRE(back.has_value());
  BOOST_CHECK(back->scope.user_uid == s.scope.user_uid && !back->scope.user_gid);
  BOOST_CHECK(back->scope.items[0].inject == s.scope.items[0].inject);
  BOOST_CHECK(back->scope.items[0].mappings == s.scope.items[0].mappings);
  BOOST_CHECK(back->scope.items[0].secret == s.scope.items[0].secret);
  BOOST_CHECK_EQUAL(back->scope.service, s.scope.service);
  BOOST_CHECK(back->applied == s.applied && back->last_rotation == s.last_rotation);
  BOOST_CHECK_EQUAL(back->delivered[0].version, "7");
  BOOST_CHECK_EQUAL(back->delivered[0].delivered_at_ms, 12345);
  BOOST_CHECK_EQUAL(back->delivered[0].delivered_boot_ms, 678);
}

BOOST_AUTO_TEST_CASE(a_state_of_an_older_version_has_no_time_since_the_boot) {
  BOOST_REQUIRE(store.write(state_of("s", "d1"), {}).has_value());
  const std::string path = store.paths().secrets_dir() + "/s/state.json", member = ",\"delivered_boot_ms\":678";
  std::string text = slurp(path);
  const std::size_t at = text.find(member);
  BOOST_REQUIRE(at != std::string::npos);
  BOOST_REQUIRE(replace_file(path, text.erase(at, member.size()), 0600).has_value());
  const auto back = store.read("s");
  BOOST_REQUIRE(back.has_value());
  BOOST_CHECK_EQUAL(back->delivered[0].delivered_at_ms, 12345);
  BOOST_CHECK_EQUAL(back->delivered[0].delivered_boot_ms, 0);
}

BOOST_AUTO_TEST_CASE(scopes_are_known_on_disk_by_name_only) {
  write("one", "d", {{"/run/secrets/a", "hidden-value"}, {"K", "hidden-value"}});
  write("two", "d", {{"/run/secrets/a", "hidden-value"}});
  const std::string scopes = root.path + "/state/scopes/";
  for (const char* damaged : {"broken", "empty", "other"})
    BOOST_REQUIRE(replace_file(scopes + damaged + ".json", "", 0600).has_value());
  BOOST_REQUIRE(replace_file(scopes + "broken.json", "{\"id\":\"broken\",\"items\":3}", 0600).has_value());
  BOOST_REQUIRE(replace_file(scopes + "other.json", slurp(scopes + "one.json"), 0600).has_value());
  BOOST_REQUIRE(replace_file(scopes + "one.json.tmp-1", "x", 0600).has_value());
  const auto known = store.known_scopes();
  BOOST_REQUIRE_EQUAL(known.size(), 2u);
  BOOST_CHECK_EQUAL(known[0].id, "one");
  BOOST_CHECK_EQUAL(known[0].items.at(0).mappings.at(0).dest, "a");
  BOOST_CHECK_EQUAL(known[1].id, "two");
  for (const auto& e : std::filesystem::recursive_directory_iterator(root.path + "/state"))
    if (e.is_regular_file()) BOOST_CHECK(slurp(e.path()).find("hidden-value") == std::string::npos);
  struct stat st {};
  BOOST_REQUIRE_EQUAL(stat((scopes + "one.json").c_str(), &st), 0);
  BOOST_CHECK_EQUAL(st.st_mode & 07777, 0600u);
  // After a reboot: known, but nothing there.
  BOOST_REQUIRE_EQUAL(umount(store.paths().secrets_dir().c_str()), 0);
  auto again = TmpfsStore::open(root.paths());
  BOOST_CHECK(again->read("one").error().cls == ErrorClass::not_found);
  BOOST_CHECK_EQUAL(again->known_scopes().size(), 2u);
}

BOOST_AUTO_TEST_CASE(removing_can_be_repeated) {
  write("s", "d", {{"/run/secrets/a", "1"}, {"K", "v"}});
  write("t", "d", {{"/run/secrets/a", "1"}});
  { const auto lock = store.lock("s"); }
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(store.remove("s").has_value());
  BOOST_CHECK(store.list() == std::vector<std::string>{"t"});
  BOOST_CHECK_EQUAL(store.known_scopes().size(), 1u);
  BOOST_CHECK(names_in(store.paths().secrets_dir()) == std::set<std::string>{"t"});
  BOOST_CHECK(!std::filesystem::exists(root.path + "/run/locks/s.lock"));
  BOOST_CHECK(store.read("s").error().cls == ErrorClass::not_found);
}

BOOST_AUTO_TEST_CASE(ids_and_links_do_not_lead_out) {
  for (const std::string& id : {std::string(), std::string(".."), std::string("."), std::string("a/b"), std::string("../x"),
                                std::string("A"), std::string(".hidden"), std::string(129, 'a'), std::string("a\0b", 3)}) {
    BOOST_CHECK(store.write(state_of(id, "d"), {}).has_error());
    BOOST_CHECK(store.read(id).has_error() && store.remove(id).has_error() && store.lock(id).has_error());
    BOOST_CHECK(store.restore_previous(id).has_error() && store.save_state(state_of(id, "d")).has_error());
  }
  BOOST_CHECK(store.write(state_of(std::string(128, 'a'), "d"), {}).has_value());
  const std::string outside = root.path + "/outside";
  std::filesystem::create_directory(outside);
  BOOST_REQUIRE_EQUAL(symlink(outside.c_str(), (store.paths().secrets_dir() + "/evil").c_str()), 0);
  BOOST_CHECK(store.write(state_of("evil", "d"), plan_of({{"/run/secrets/a", "1"}})).has_error());
  BOOST_CHECK(store.read("evil").has_error());
  BOOST_CHECK(names_in(outside).empty());
}

BOOST_AUTO_TEST_CASE(a_folder_within_a_folder_has_its_mount_point) {
  write("s", "d1", {{"/run/secrets/a", "1"}, {"/run/secrets/db/x/key", "k"}});
  BOOST_CHECK(std::filesystem::is_directory(folder("s") + "/db/x"));
  // It stays across writes, and a file may take its name later.
  write("s", "d2", {{"/run/secrets/a", "2"}, {"/run/secrets/db/x/key", "k"}});
  BOOST_CHECK(std::filesystem::is_directory(folder("s") + "/db/x"));
  write("s", "d3", {{"/run/secrets/db", "3"}});
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "db=3 ");
}

BOOST_AUTO_TEST_CASE(mounts_are_whole_folders) {
  const auto mounts = store.mounts("s", plan_of({{"/run/secrets/a", ""}, {"/run/secrets/b", ""}, {"/etc/app/c", ""}, {"K", ""}}));
  BOOST_REQUIRE_EQUAL(mounts.size(), 3u);
  BOOST_CHECK_EQUAL(mounts[0].container_path, "/etc/app");
  BOOST_CHECK_EQUAL(mounts[1].container_path, "/run/secrets");
  BOOST_CHECK_EQUAL(mounts[2].container_path, "/run/dso/env");
  BOOST_CHECK_EQUAL(mounts[2].host_path, store.paths().secrets_dir() + "/s/env");
  BOOST_CHECK_NE(mounts[0].host_path, mounts[1].host_path);
  BOOST_CHECK(store.mounts("s", {}).empty());
}

BOOST_AUTO_TEST_CASE(a_full_tmpfs_changes_nothing) {
  TempRoot small;
  std::filesystem::create_directories(small.paths().secrets_dir());
  BOOST_REQUIRE_EQUAL(
      mount("test", small.paths().secrets_dir().c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=256k,mode=0700"), 0);
  auto s = TmpfsStore::open(small.paths());
  BOOST_REQUIRE(s.has_value());
  const Content good{{"/run/secrets/a", "1"}, {"/etc/app/k", "1"}};
  BOOST_REQUIRE(s->write(state_of("s", "d1"), plan_of(good)).has_value());
  const std::string secrets = folder_in(*s, "s", "/run/secrets");
  const Content big{{"/run/secrets/a", "2"}, {"/etc/app/k", std::string(1 << 20, 'x')}};
  const auto r = s->write(state_of("s", "d2"), plan_of(big));
  BOOST_REQUIRE(r.has_error());
  BOOST_CHECK(r.error().next.find("remount") != std::string::npos);
  BOOST_CHECK_EQUAL(show_folder(secrets), "a=1 ");
  BOOST_CHECK_EQUAL(generations_in(secrets) + generations_in(secrets, true), 1u);
  BOOST_CHECK_EQUAL(digest_of(s->read("s")), "d1");
  BOOST_CHECK(s->write(state_of("fresh", "d"), plan_of(big)).has_error());
  BOOST_CHECK(s->read("fresh").error().cls == ErrorClass::not_found);
  BOOST_CHECK(s->write(state_of("s", "d3"), plan_of({{"/run/secrets/a", "3"}})).has_value());
}

BOOST_AUTO_TEST_CASE(one_writer_a_scope) {
  auto first = store.lock("s");
  BOOST_REQUIRE(first.has_value());
  std::atomic<bool> has_it{false};
  auto second = std::async(std::launch::async, [&] {
    auto lock = store.lock("s");
    has_it = true;
    return lock.has_value();
  });
  BOOST_CHECK(store.lock("another").has_value());  // not held up
  BOOST_CHECK(!has_it);
  first->reset();
  BOOST_CHECK(second.get());
}

BOOST_AUTO_TEST_CASE(a_lock_that_was_removed_with_its_scope_is_not_shared) {
  auto first = store.lock("s");
  auto waiting = std::async(std::launch::async, [&] { return store.lock("s"); });
  BOOST_REQUIRE(store.remove("s").has_value());
  first->reset();
  auto second = waiting.get();
  BOOST_REQUIRE(second.has_value());
  struct stat held {
  }, there{};
  BOOST_REQUIRE_EQUAL(fstat(second->get(), &held), 0);
  BOOST_REQUIRE_EQUAL(stat((root.path + "/run/locks/s.lock").c_str(), &there), 0);
  BOOST_CHECK_EQUAL(held.st_ino, there.st_ino);
}

BOOST_AUTO_TEST_CASE(one_key_a_boot) {
  std::vector<std::future<std::string>> keys;
  for (int i = 0; i < 8; ++i)
    keys.push_back(std::async(std::launch::async, [&] { return std::string(store.digest_key()->reveal()); }));
  std::set<std::string> distinct;
  for (auto& k : keys) distinct.insert(k.get());
  BOOST_REQUIRE_EQUAL(distinct.size(), 1u);
  BOOST_CHECK_EQUAL(distinct.begin()->size(), 32u);
  const std::string path = store.paths().secrets_dir() + "/.digest-key";
  struct stat st {};
  BOOST_REQUIRE_EQUAL(stat(path.c_str(), &st), 0);
  BOOST_CHECK_EQUAL(st.st_mode & 07777, 0600u);
  BOOST_CHECK(names_in(store.paths().secrets_dir()) == std::set<std::string>{".digest-key"});
  BOOST_REQUIRE(replace_file(path, "short", 0600).has_value());
  BOOST_CHECK(store.digest_key().has_error());
}

BOOST_AUTO_TEST_SUITE_END()
