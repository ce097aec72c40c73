// What of a container's own layer would be missed, path by path.
#include "logic/layer_changes.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(layer_changes)

namespace {

constexpr std::int64_t kStart = 1'000'000;
using Kind = LayerChange::Kind;

Container in_service() {
  Container c;
  c.started_at_ms = kStart;
  c.mounts = {{"bind", "/run/dso/secrets/s/f", "/srv/secrets", true}, {"volume", "/v", "/data", false}};
  return c;
}

std::string noteworthy(const std::vector<std::string>& added) {
  std::vector<LayerChange> all;
  for (const std::string& path : added) all.push_back({path, Kind::added});
  std::string out;
  for (const LayerChange& c : noteworthy_changes(all, in_service())) out += c.path + " ";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_engines_answer) {
  const auto some = parse_layer_changes(R"([{"Path":"/app","Kind":0},{"Path":"/app/db","Kind":1},{"Path":"/x","Kind":2}])");
  BOOST_REQUIRE(some.has_value());
  BOOST_TEST(some->size() == 3u);
  BOOST_TEST((some->at(2).kind == Kind::removed));
  BOOST_TEST(parse_layer_changes("null")->empty());
  for (const char* bad : {"", "{}", "[1]", R"([{"Kind":1}])", R"([{"Path":1,"Kind":1}])"})
    BOOST_TEST(parse_layer_changes(bad).has_error(), bad);
}

BOOST_AUTO_TEST_CASE(what_every_start_makes_anew_does_not_count) {
  for (const char* path : {"/tmp/x", "/run/nginx.pid", "/var/run/x", "/var/log/a/b", "/var/cache/nginx/client_temp", "/etc/hosts",
                           "/.dockerenv", "/root/.cache/pip/x", "/app/__pycache__/m.pyc", "/root/.bash_history",
                           "/app/server.pid", "/app/logs/a", "/run/dso", "/dev/x"})
    BOOST_TEST(noteworthy({path}) == "", path);
}

BOOST_AUTO_TEST_CASE(the_rest_does) {
  for (const char* path : {"/app/db.sqlite", "/app/000003.log", "/etc/nginx/x", "/var/lib/x", "/home/u", "/tmpx",
                           "/run/secrets/s", "/c", "/logs.db", "/app/my.cache"})
    BOOST_TEST(noteworthy({path}) == std::string(path) + " ", path);
}

BOOST_AUTO_TEST_CASE(folders_of_what_changed_and_mount_points_do_not) {
  BOOST_TEST(noteworthy({"/app", "/app/d", "/app/d/f"}) == "/app/d/f ");
  BOOST_TEST(noteworthy({"/srv", "/srv/secrets", "/data", "/data/x"}) == "");
  // a folder that was taken away takes with it what was in there
  BOOST_TEST(noteworthy_changes({{"/app", Kind::removed}, {"/app/x", Kind::added}}, in_service()).size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_lies_there) {
  // {"name":"etc","size":4096,"mode":2147484141,"mtime":"2026-11-24T12:56:32.5Z","linkTarget":""}
  const auto entry = parse_layer_entry(
      "eyJuYW1lIjoiZXRjIiwic2l6ZSI6NDA5NiwibW9kZSI6MjE0NzQ4NDE0MSwibXRpbWUiOiIyMDI2LTExLTI0VDEyOjU2OjMyLjVaIiwibGlua1RhcmdldCI6Ii"
      "J9");
  BOOST_REQUIRE(entry.has_value());
  BOOST_TEST(entry->folder);
  BOOST_TEST(entry->changed_at_ms % 1000 == 500);
  for (const char* bad : {"", "!", "bnVsbA==", "W10="}) BOOST_TEST(parse_layer_entry(bad).has_error(), bad);
}

BOOST_AUTO_TEST_CASE(folders_and_configuration_of_a_start_are_of_no_substance) {
  const Container c = in_service();
  const auto substance = [&](const char* path, Kind kind, bool folder, std::int64_t after) {
    return is_of_substance({path, kind}, {folder, kStart + after}, c);
  };
  BOOST_TEST(!substance("/app/uploads", Kind::added, true, 99'000));
  BOOST_TEST(substance("/app/uploads", Kind::removed, true, 0));
  BOOST_TEST(!substance("/etc/nginx/conf.d/default.conf", Kind::changed, false, 1'000));
  BOOST_TEST(!substance("/etc/passwd", Kind::changed, false, -500));
  BOOST_TEST(substance("/etc/nginx/conf.d/default.conf", Kind::changed, false, 60'000), "somebody's since");
  BOOST_TEST(substance("/etc/nginx/conf.d/default.conf", Kind::changed, false, -60'000), "somebody's before a restart");
  BOOST_TEST(substance("/etc/ssh/ssh_host_rsa_key", Kind::added, false, 1'000), "made once, and known by others");
  BOOST_TEST(substance("/app/db.sqlite", Kind::changed, false, 1'000));
}

BOOST_AUTO_TEST_CASE(what_compose_copied_in_goes_along) {
  Container c = in_service();
  c.labels[label::kCopied] = "/c,/run/secrets/s,/data/on-a-volume,relative,";
  BOOST_TEST((copied_files(c) == std::vector<std::string>{"/c", "/run/secrets/s"}));
  BOOST_TEST(
      noteworthy_changes({{"/c", Kind::added}, {"/run/secrets", Kind::added}, {"/run/secrets/s", Kind::added}}, c).empty());
  BOOST_TEST(noteworthy_changes({{"/c2", Kind::added}}, c).size() == 1u);
}

BOOST_AUTO_TEST_CASE(as_text) {
  BOOST_TEST(changes_text({}) == "");
  BOOST_TEST(changes_text({{"/a", Kind::added}}) == "'/a'");
  BOOST_TEST(changes_text({{"/a", Kind::added}, {"/b", Kind::added}, {"/c", Kind::added}}) == "'/a' and 2 more");
}

BOOST_AUTO_TEST_SUITE_END()
