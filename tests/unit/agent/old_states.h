// State files as older versions of DSO wrote them, by core/delivery/scope_json.cpp of commit eefb546 (the first), acec969 (with
// the clock since the boot) and 91d7ab4 (rolling updates; the last one before secrets were kept beside their files). Line breaks
// are ours. The container "told" was signalled; who started after the delivery has no mark. The digest is of the value "first",
// by kOldKey.
#pragma once

namespace dso::test {

inline constexpr const char* kOldKey = "the key of this boot, 32 bytes..";

inline constexpr const char* kOldStates[] = {
    R"({"generation":"..g-0123456789abcdef",
"scope":{"id":"run-0123456789abcdef","service":"web","items":[{"secret":{"instance":"default","name":"app/db"},
 "inject":{"type":"file","path":"","visible":false},"mappings":[{"field":"password","dest":"pw"}]}]},
"delivered":[{"secret":{"instance":"default","name":"app/db"},"version":"1",
 "digest":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7",
 "delivered_at_ms":1700000001000}],
"applied":{"told":{"default/app/db":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7"}},
"last_rotation":{"told":"signal: label dso.strategy"}})",
    R"({"generation":"..g-0123456789abcdef",
"scope":{"id":"run-0123456789abcdef","service":"web","items":[{"secret":{"instance":"default","name":"app/db"},
 "inject":{"type":"file","path":"","visible":false},"mappings":[{"field":"password","dest":"pw"}]}]},
"delivered":[{"secret":{"instance":"default","name":"app/db"},"version":"1",
 "digest":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7",
 "delivered_at_ms":1700000001000,"delivered_boot_ms":1000}],
"applied":{"told":{"default/app/db":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7"}},
"last_rotation":{"told":"signal: label dso.strategy"}})",
    R"({"generation":"..g-0123456789abcdef",
"scope":{"id":"run-0123456789abcdef","service":"web","items":[{"secret":{"instance":"default","name":"app/db"},
 "inject":{"type":"file","path":"","visible":false},"mappings":[{"field":"password","dest":"pw"}]}],"named_uid":33},
"delivered":[{"secret":{"instance":"default","name":"app/db"},"version":"1",
 "digest":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7",
 "delivered_at_ms":1700000001000,"delivered_boot_ms":1000}],
"applied":{"told":{"default/app/db":"88de7fde45ec423636f2d636dcd760ef2e48d0d418e86192638e73d5dd3c42c7"}},
"refused":{"default/app/db":"00112233"},"previous_scope":"run-0123456789abcdef.1",
"last_rotation":{"told":"signal: label dso.strategy"}})"};

}  // namespace dso::test
