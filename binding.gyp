{
  'variables': {
    # '' | 'address' | 'thread'; `node scripts/build-native.cjs --sanitize=address` sets it.
    'sanitize%': '',
  },
  'targets': [
    {
      'target_name': 'arena_pirate',
      'sources': [
        'native/binding.cc',
        'native/kernel.cc',
        'native/arena.cc',
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
