// How many calls quiet polls are, asked alike of the providers (with a store in the test's hand) and of logic/poll_cost, which
// must know it without them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace poll_cases {

struct Aws {
  std::vector<std::string> names;
  std::uint64_t secrets_manager, ssm;
};
inline std::vector<std::string> numbered(const std::string& prefix, int count, const std::string& suffix = "") {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(prefix + std::to_string(100 + i) + suffix);
  return out;
}
inline std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline std::vector<Aws> aws() {
  const std::string arn = "arn:aws:secretsmanager:us-east-2:123456789012:secret:s",
                    parameter = "arn:aws:ssm:us-east-2:123456789012:parameter/p";
  return {{{}, 0, 0},
          {numbered("s", 1), 1, 0},
          {numbered("s", 2), 1, 0},
          {numbered("s", 20), 1, 0},
          {numbered("s", 21), 2, 0},
          {numbered("s", 41), 3, 0},
          {numbered("ssm:/p", 10), 0, 1},
          {numbered("ssm:/p", 11), 0, 2},
          {joined(numbered("s", 3), numbered("ssm:/p", 3)), 1, 1},
          // another region is another call
          {joined(numbered("s", 3), numbered(arn, 3)), 2, 0},
          {joined(numbered("ssm:/p", 3), numbered(parameter, 3)), 0, 2},
          {joined(numbered("ssm:/p", 3), numbered("ssm:" + parameter, 3)), 0, 2}};
}

/// All values once, then versions nine times, an interval apart, a hundred secrets at once.
struct KeyVault {
  int secrets;
  std::int64_t interval_s;
  std::uint64_t calls;
};
inline std::vector<KeyVault> key_vault() {
  return {{1, 120, 10},           // a list would cost as much as the one read
          {2, 120, 2 + 9},        //
          {30, 120, 30 + 9 * 2},  // 25 a page
          {30, 600, 30 + 9 * 2 + 30},
          {30, 3600, 30 + 9 * 2 + 9 * 25},  // after an hour each is read again, 25 at a time
          {101, 120, 101 + 9 * 5},
          {130, 120, 130 + 9 * 6}};
}

}  // namespace poll_cases
