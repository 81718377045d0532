// Reads a Buffer in a thread of its own until the environment ends, as an addon may that keeps a reference to it.
#include <node_api.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
  const volatile unsigned char* data;
  size_t length;
  napi_ref reference;
  pthread_t thread;
  atomic_int ending;
} Holder;

static void* Read(void* data) {
  Holder* holder = data;
  while (!holder->ending) {
    for (size_t i = 0; i < holder->length; i += 1024) (void)holder->data[i];
    usleep(100);
  }
  return NULL;
}

static void End(void* data) {
  Holder* holder = data;
  // Long enough for many a read after the hooks that ran before this one.
  usleep(20000);
  holder->ending = 1;
  pthread_join(holder->thread, NULL);
  free(holder);
}

static napi_value Hold(napi_env env, napi_callback_info info) {
  napi_value buffer;
  void* data;
  void* bytes;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &buffer, NULL, &data);
  Holder* holder = data;
  napi_get_buffer_info(env, buffer, &bytes, &holder->length);
  holder->data = bytes;
  napi_create_reference(env, buffer, 1, &holder->reference);
  pthread_create(&holder->thread, NULL, Read, holder);
  return NULL;
}

// To be called once in each environment.
NAPI_MODULE_INIT() {
  Holder* holder = calloc(1, sizeof(Holder));
  napi_add_env_cleanup_hook(env, End, holder);
  napi_value hold;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, holder, &hold);
  return hold;
}
