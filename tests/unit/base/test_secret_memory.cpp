// The memory for values: wiped, locked where possible, never shared by two, all given back.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "base/secret_bytes.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(secret_memory)

namespace {

/// Of memory that was given back, which AddressSanitizer lets nobody else read.
[[gnu::no_sanitize_address]] bool all_zero(const char* p, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    if (p[i] != 0) return false;
  return true;
}

/// The flags of the mapping that holds `p`, as /proc shows them ("dd": not in core dumps, "lo": locked, "wf": wiped in a fork).
std::string mapping_flags(const void* p) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(p);
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    unsigned long long from = 0, to = 0;
    // NOLINTNEXTLINE(cert-err34-c): addresses of the kernel
    if (std::sscanf(line.c_str(), "%llx-%llx ", &from, &to) == 2 && line.find(' ') > line.find('-'))
      inside = wanted >= from && wanted < to;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(wiped_when_given_back) {
  void* const keeps_the_slab = secret_allocate(16);
  char* const p = static_cast<char*>(secret_allocate(1000));
  std::memset(p, 'S', 1000);
  secret_deallocate(p, 1000);
  BOOST_TEST(all_zero(p, 1000));  // an ordinary slab stays mapped
  secret_deallocate(keeps_the_slab, 16);
}

#ifdef __SANITIZE_ADDRESS__
BOOST_AUTO_TEST_CASE(the_sanitizer_sees_what_reads_past_a_value) {
  char* const p = static_cast<char*>(secret_allocate(20));
  BOOST_TEST(!__asan_region_is_poisoned(p, 20));
  BOOST_TEST(__asan_address_is_poisoned(p + 20));
  secret_deallocate(p, 20);
  BOOST_TEST(__asan_address_is_poisoned(p));
}
#endif

BOOST_AUTO_TEST_CASE(a_growing_buffer_leaves_nothing_behind) {
  void* const keeps_the_slab = secret_allocate(16);
  SecretBuffer buffer;
  buffer.reserve(64);
  append(buffer, "first-part-of-a-value");
  const char* const outgrown = buffer.data();
  const std::size_t capacity = buffer.capacity();
  buffer.reserve(4096);
  BOOST_TEST((buffer.data() != outgrown));  // the places, not the texts
  BOOST_TEST(all_zero(outgrown, capacity));
  BOOST_TEST(view(buffer) == "first-part-of-a-value");
  secret_deallocate(keeps_the_slab, 16);
}

BOOST_AUTO_TEST_CASE(short_values_are_not_in_the_object) {
  const SecretBytes value = SecretBytes::copy_of("pw");
  const auto at = reinterpret_cast<std::uintptr_t>(value.reveal().data()), object = reinterpret_cast<std::uintptr_t>(&value);
  BOOST_TEST((at < object || at >= object + sizeof value));
}

BOOST_AUTO_TEST_CASE(a_moved_value_leaves_nothing_behind) {
  SecretBytes a = SecretBytes::copy_of("value");
  SecretBytes b = std::move(a);
  BOOST_TEST(b.reveal() == "value");
  BOOST_TEST(a.reveal().empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
  b = SecretBytes::copy_of("other");
  BOOST_TEST(b.reveal() == "other");
  BOOST_TEST(b.clone().reveal() == "other");
}

BOOST_AUTO_TEST_CASE(equality) {
  const SecretBytes value = SecretBytes::copy_of(std::string_view("a\0b", 3));
  BOOST_TEST(value.equals(std::string_view("a\0b", 3)));
  BOOST_TEST(!value.equals(std::string_view("a\0c", 3)));
  BOOST_TEST(!value.equals("a"));
  BOOST_TEST(!value.equals(""));
  BOOST_TEST(SecretBytes().equals(""));
}

BOOST_AUTO_TEST_CASE(large_values_and_the_balance) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  {
    const std::string text(1024 * 1024, 'L');
    const SecretBytes value = SecretBytes::copy_of(text);
    BOOST_TEST((value.reveal() == text));
    BOOST_TEST(secret_memory_status().bytes_in_use >= before + text.size());
  }
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
  void* const nothing = secret_allocate(0);
  BOOST_TEST(nothing != nullptr);
  secret_deallocate(nothing, 0);
  secret_deallocate(nullptr, 10);
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

// Each page that comes or goes costs every processor a flush: a store that is decrypted again and again maps nothing anew.
BOOST_AUTO_TEST_CASE(what_comes_and_goes_stays_mapped) {
  { const SecretBytes first = SecretBytes::copy_of(std::string(150'000, 'x')); }
  const std::size_t before = secret_memory_status().mappings_made;
  for (int i = 0; i < 50; ++i) {
    const SecretBytes whole = SecretBytes::copy_of(std::string(150'000, 'x'));
    const SecretBytes piece = SecretBytes::copy_of("piece");
  }
  BOOST_TEST(secret_memory_status().mappings_made == before);
}

BOOST_AUTO_TEST_CASE(after_a_peak_the_memory_goes_back) {
  const std::size_t before = secret_memory_status().bytes_mapped;
  std::vector<SecretBytes> many;
  for (int i = 0; i < 2000; ++i) many.push_back(SecretBytes::copy_of(std::string(1000, 'x')));
  BOOST_TEST(secret_memory_status().bytes_mapped >= 2'000'000u);
  many.clear();
  BOOST_TEST(secret_memory_status().bytes_mapped <= before + 256 * 1024);
  { const SecretBytes large = SecretBytes::copy_of(std::string(4 << 20, 'x')); }
  BOOST_TEST(secret_memory_status().bytes_mapped <= before + 256 * 1024);
}

// As in the agent: while stores are decrypted in parallel, the values read from them stay.
BOOST_AUTO_TEST_CASE(a_value_that_stays_keeps_no_room_for_large_ones) {
  const std::size_t before = secret_memory_status().bytes_mapped;
  std::vector<SecretBytes> large, stay;
  for (int i = 0; i < 60; ++i) {
    large.push_back(SecretBytes::copy_of(std::string(200'000, 'x')));
    stay.push_back(SecretBytes::copy_of("a value"));
  }
  BOOST_TEST(secret_memory_status().bytes_mapped >= before + 10'000'000u);
  large.clear();
  BOOST_TEST(secret_memory_status().bytes_mapped <= before + 600'000u);
}

BOOST_AUTO_TEST_CASE(aligned_to_16) {
  std::vector<void*> all;
  for (std::size_t n : {1u, 3u, 15u, 16u, 17u, 1000u, 70000u}) {
    all.push_back(secret_allocate(n));
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(all.back()) % 16 == 0u);
  }
  std::size_t i = 0;
  for (std::size_t n : {1u, 3u, 15u, 16u, 17u, 1000u, 70000u}) secret_deallocate(all[i++], n);
}

BOOST_AUTO_TEST_CASE(many_threads_never_share_a_byte) {
  const std::size_t before = secret_memory_status().bytes_in_use;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([t, &wrong] {
        std::vector<SecretBytes> held;
        for (int i = 0; i < 500; ++i) {
          const std::string text(static_cast<std::size_t>(1 + i * 37 % 3000), static_cast<char>('a' + t));
          held.push_back(SecretBytes::copy_of(text));
          if (held.size() > 20) held.erase(held.begin() + i % 20);
          for (const SecretBytes& v : held)
            if (v.reveal().find_first_not_of(static_cast<char>('a' + t)) != std::string_view::npos) ++wrong;
        }
      });
  }
  BOOST_TEST(wrong == 0);
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(out_of_core_dumps_and_out_of_forked_children) {
  const SecretBytes value = SecretBytes::copy_of("in-the-parent-only");
  const std::string flags = mapping_flags(value.reveal().data());
  BOOST_TEST_REQUIRE(!flags.empty());
  BOOST_TEST(flags.find(" dd ") != std::string::npos, flags);
  if (secret_memory_status().memfd_secret)
    BOOST_TEST(flags.find(" dc ") != std::string::npos, flags);
  else
    BOOST_TEST(flags.find(" wf ") != std::string::npos, flags);
  if (secret_memory_status().locked) BOOST_TEST(flags.find(" lo ") != std::string::npos, flags);

  const char* const address = value.reveal().data();
  const pid_t child = fork();
  if (child == 0) {
    // The child asks the kernel, which answers with an error where the mapping is gone.
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0) _exit(2);
    char seen[18] = {};
    const bool gone = write(pipe_ends[1], address, sizeof seen) < 0;
    if (!gone && read(pipe_ends[0], seen, sizeof seen) != sizeof seen) _exit(2);
    _exit(gone || all_zero(seen, sizeof seen) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
