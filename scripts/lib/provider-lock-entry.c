/* Prints a provider's entry of providers.lock but for its hash: what the library says of itself. For scripts/bundle, whose
   libraries may be of another architecture: under qemu there is no seccomp, and without it `dso provider install` loads
   nothing. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

#include "dso/provider.h"

int main(int argc, char** argv) {
  void* library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  const dso_provider_api* (*get)(uint32_t) = NULL;
  if (library) *(void**)&get = dlsym(library, "dso_provider_get_api");
  const dso_provider_api* api = get ? get(DSO_ABI_VERSION) : NULL;
  if (!api) {
    fprintf(stderr, "cannot load the provider %s: %s\n", argc == 2 ? argv[1] : "", dlerror());
    return 1;
  }
  printf("\"name\": \"%s\", \"version\": \"%s\", \"file\": \"libdso_provider_%s.so\"", api->name, api->semver, api->name);
  return 0;
}
