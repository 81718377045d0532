{
  'variables': {
    # What -fsanitize takes; `node scripts/build-native.cjs --sanitize=address,undefined` sets it.
    'sanitize%': '',
  },
  'targets': [
    {
      'target_name': 'arena_pirate',
      'sources': [
        'native/binding.cc',
        'native/binding_threads.cc',
        'native/kernel.cc',
        'native/kernel_threads.cc',
        'native/arena.cc',
        'native/pinning.cc',
        'native/placement.cc',
        'native/pool.cc',
        'native/registry.cc',
        'native/watches.cc',
      ],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': [
        'NAPI_VERSION=9',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        # In a worker that is being terminated no call succeeds, not even to throw; without this that
        # ends the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      # Node's own settings already give -O3 -Wall -Wextra -fno-exceptions -fno-rtti. Their -std
      # differs (gnu++17 on 20, gnu++20 on 24 and 26); the last one on the command line counts.
      'cflags_cc': ['-std=gnu++17', '-fvisibility=hidden'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++17',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      },
      'conditions': [
        # A worker that was the only one to load the addon unloads it at its end; the thread that
        # looks after pinning may still run then, and what the process is to remember would be lost.
        ['OS=="linux"', { 'ldflags': ['-Wl,-z,nodelete'] }],
        ['sanitize!=""', {
          'cflags': ['-fsanitize=<(sanitize)', '-fno-omit-frame-pointer', '-g'],
          'ldflags': ['-fsanitize=<(sanitize)'],
          'xcode_settings': {
            'OTHER_CFLAGS': ['-fsanitize=<(sanitize)', '-fno-omit-frame-pointer', '-g'],
            'OTHER_LDFLAGS': ['-fsanitize=<(sanitize)'],
          },
        }],
      ],
    },
  ],
}
