// Shows what Node-API tells of an array, as [its bytes, its length in bytes], and writes to it.
#include <node_api.h>
#include <stdint.h>

static napi_value Answer(napi_env env, void* data, size_t length) {
  napi_value result, bytes, number;
  napi_create_array(env, &result);
  napi_create_buffer_copy(env, length, data, NULL, &bytes);
  napi_create_uint32(env, (uint32_t)length, &number);
  napi_set_element(env, result, 0, bytes);
  napi_set_element(env, result, 1, number);
  return result;
}

static napi_value Argument(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  return value;
}

static napi_value TypedArray(napi_env env, napi_callback_info info) {
  napi_typedarray_type type;
  size_t length, offset;
  void* data;
  napi_value buffer;
  napi_get_typedarray_info(env, Argument(env, info), &type, &length, &data, &buffer, &offset);
  static const size_t sizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 2};
  // What is reached by way of the ArrayBuffer must be the same bytes.
  void* start;
  size_t whole;
  napi_get_arraybuffer_info(env, buffer, &start, &whole);
  if ((char*)start + offset != data) return NULL;
  return Answer(env, data, length * sizes[type]);
}

static napi_value Buffer(napi_env env, napi_callback_info info) {
  void* data;
  size_t length;
  napi_get_buffer_info(env, Argument(env, info), &data, &length);
  return Answer(env, data, length);
}

static napi_value ArrayBuffer(napi_env env, napi_callback_info info) {
  void* data;
  size_t length;
  napi_get_arraybuffer_info(env, Argument(env, info), &data, &length);
  return Answer(env, data, length);
}

static napi_value DataView(napi_env env, napi_callback_info info) {
  void* data;
  size_t length, offset;
  napi_value buffer;
  napi_get_dataview_info(env, Argument(env, info), &length, &data, &buffer, &offset);
  return Answer(env, data, length);
}

// Adds one to each byte of a Buffer or Uint8Array.
static napi_value Increment(napi_env env, napi_callback_info info) {
  void* data;
  size_t length;
  napi_get_buffer_info(env, Argument(env, info), &data, &length);
  for (size_t i = 0; i < length; i++) ((uint8_t*)data)[i]++;
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor properties[] = {
      {"typedArray", NULL, TypedArray, NULL, NULL, NULL, napi_enumerable, NULL},
      {"buffer", NULL, Buffer, NULL, NULL, NULL, napi_enumerable, NULL},
      {"arrayBuffer", NULL, ArrayBuffer, NULL, NULL, NULL, napi_enumerable, NULL},
      {"dataView", NULL, DataView, NULL, NULL, NULL, napi_enumerable, NULL},
      {"increment", NULL, Increment, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, 5, properties);
  return exports;
}
