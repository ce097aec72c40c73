// The rows of section "host" about kernel, memory and disk: each check once right and once wrong.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_host.h"

BOOST_AUTO_TEST_SUITE(doctor_host)

namespace {

using namespace dso;

constexpr const char* kMounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:20 / /run rw,nosuid,nodev shared:2 - tmpfs tmpfs rw,size=1024k\n"
    "24 23 0:21 / /run/dso/secrets rw,nosuid,nodev,noexec - tmpfs dso-secrets rw,size=65536k,mode=700,noswap\n";

MemoryFacts good() {
  MemoryFacts f;
  f.secrets_dir = "/run/dso/secrets";
  f.there = true;
  f.mount = mount_of(kMounts, f.secrets_dir);
  f.memlock = -1;
  f.agent_namespace = MemoryFacts::Namespace::host;
  return f;
}

BOOST_AUTO_TEST_CASE(all_is_well) {
  DoctorRows rows = memory_checks(good());
  for (DoctorRow& row : kernel_checks({"6.18.1", true, true, 6})) rows.push_back(row);
  for (DoctorRow& row : disk_checks({"/var/lib/dso", 1ULL << 30, 0, false})) rows.push_back(row);
  BOOST_TEST(rows.size() == 8u);
  for (const DoctorRow& r : rows) BOOST_TEST((r.level == DoctorLevel::ok), r.check << ": " << r.found);
}

BOOST_AUTO_TEST_CASE(what_an_old_kernel_costs) {
  BOOST_TEST(level(kernel_checks({"5.10.0", false, true, 6}), "host.kernel") == "info");
  BOOST_TEST(level(kernel_checks({"5.2.0", true, false, 6}), "host.kernel") == "info");
  BOOST_TEST(level(kernel_checks({"5.10.0", true, true, 0}), "host.landlock") == "warn");
}

BOOST_AUTO_TEST_CASE(where_secrets_lie) {
  MemoryFacts f = good();
  f.mount = mount_of("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n", f.secrets_dir);
  BOOST_TEST(level(memory_checks(f), "host.tmpfs") == "error");
  f.mount = mount_of("24 23 0:21 / /run/dso/secrets rw,nosuid,nodev - tmpfs x rw\n", f.secrets_dir);
  BOOST_TEST(found(memory_checks(f), "host.tmpfs") == "warn: a tmpfs, mounted at /run/dso/secrets without noexec");
  f.mount = mount_of("23 22 0:20 / /run rw,nosuid,nodev shared:2 - tmpfs tmpfs rw\n", f.secrets_dir);
  BOOST_TEST(level(memory_checks(f), "host.tmpfs") == "info", "a user's own run folder is the system's to mount");
  f.there = false;
  BOOST_TEST(level(memory_checks(f), "host.tmpfs") == "info");
}

BOOST_AUTO_TEST_CASE(a_tmpfs_that_was_unmounted_or_covered) {
  MemoryFacts f = good();
  f.memlock_counts = false;  // root
  BOOST_TEST(level(memory_checks(f), "host.tmpfs") == "ok");
  f.mount = mount_of("23 22 0:20 / /run rw,nosuid,nodev,noexec shared:2 - tmpfs tmpfs rw\n", f.secrets_dir);
  BOOST_TEST(found(memory_checks(f), "host.tmpfs") == "warn: nothing is mounted there: its tmpfs was unmounted");
  f.mount = mount_of(std::string(kMounts) + "25 24 0:30 / /run/dso/secrets rw,nosuid,nodev,noexec - tmpfs x rw\n", f.secrets_dir);
  BOOST_TEST(found(memory_checks(f), "host.tmpfs").starts_with("warn: 2 file systems are mounted there"));
  f.mount = mount_of(std::string(kMounts) + "25 24 8:1 /x /run/dso/secrets rw - ext4 /dev/sda1 rw\n", f.secrets_dir);
  BOOST_TEST(level(memory_checks(f), "host.tmpfs") == "error");
}

BOOST_AUTO_TEST_CASE(swap) {
  MemoryFacts f = good();
  f.swap = swap_disks("Filename Type Size Used Priority\n/dev/zram0 partition 1 0 5\n/dev/sda2   partition\t8388604\t0\t-2\n");
  BOOST_TEST(f.swap.size() == 1u);
  BOOST_TEST(level(memory_checks(f), "host.swap") == "ok", "the tmpfs has noswap");
  f.mount->options = "rw,noswapping";
  BOOST_TEST(level(memory_checks(f), "host.swap") == "warn");
  f.kernel_has_noswap = true;  // but it is mounted without
  BOOST_TEST(level(memory_checks(f), "host.swap") == "warn");
  f.there = false;  // the agent will mount it so
  BOOST_TEST(level(memory_checks(f), "host.swap") == "ok");
}

BOOST_AUTO_TEST_CASE(core_dumps_and_locked_memory) {
  MemoryFacts f = good();
  f.core_pattern = "|/usr/lib/systemd/systemd-coredump %P";
  BOOST_TEST(level(memory_checks(f), "host.core_dumps") == "info");
  f.memlock = 64 * 1024;
  BOOST_TEST(level(memory_checks(f), "host.memlock") == "warn");
  f.memlock = 8 * 1024 * 1024;
  BOOST_TEST(level(memory_checks(f), "host.memlock") == "ok");
  f.memlock = 0;
  f.memlock_counts = false;
  BOOST_TEST(level(memory_checks(f), "host.memlock") == "ok");
}

BOOST_AUTO_TEST_CASE(mount_namespaces) {
  MemoryFacts f = good();
  using Namespace = MemoryFacts::Namespace;
  const std::pair<Namespace, const char*> cases[] = {
      {Namespace::own_unseen, "error"}, {Namespace::own_seen, "ok"}, {Namespace::unknown, "info"}, {Namespace::no_agent, ""}};
  for (const auto& [where, expected] : cases) {
    f.agent_namespace = where;
    BOOST_TEST(level(memory_checks(f), "host.mount_namespace") == expected);
  }
}

BOOST_AUTO_TEST_CASE(disk) {
  BOOST_TEST(level(disk_checks({"/v", 63 << 20, 0, false}), "host.disk") == "warn");
  BOOST_TEST(level(disk_checks({"/v", 3 << 20, 0, false}), "host.disk") == "error");
  BOOST_TEST(level(disk_checks({"/v", 1 << 30, 5, true}), "host.disk") == "error");
}

BOOST_AUTO_TEST_CASE(reads_the_kernels_tables) {
  BOOST_TEST(mount_of(kMounts, "/run/dso/secrets/api")->point == "/run/dso/secrets");
  BOOST_TEST(mount_of(kMounts, "/run/dso/secretsx")->point == "/run");
  BOOST_TEST(mount_of(kMounts, "/etc")->type == "ext4");
  BOOST_TEST(!mount_of("", "/etc"));
  BOOST_TEST(!mount_of("a b c", "/etc"));
  const char* limits =
      "Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         65536                "
      "unlimited            bytes\n";
  BOOST_TEST(soft_limit(limits, "Max locked memory").value() == 65536);
  BOOST_TEST(soft_limit("Max locked memory  unlimited 1 bytes", "Max locked memory").value() == -1);
  BOOST_TEST(!soft_limit(limits, "Max core file size"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
