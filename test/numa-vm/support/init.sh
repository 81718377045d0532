#!/bin/busybox sh
# The virtual machine's first process. Reads programs from the second serial line, each on a line
# of its own in base64, runs them one after another, and answers with lines of
#
#   done STATUS OUTPUT ANSWER
#
# OUTPUT is what the program printed, ANSWER what it wrote to file descriptor 3, both in base64.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
cd /package
exec < /dev/ttyS1 > /dev/ttyS1
stty raw -echo
echo ready
while read -r program; do
  echo "$program" | base64 -d > program.cjs
  node --expose-gc program.cjs 3> /tmp/answer > /tmp/output 2>&1
  echo "done $? $(base64 -w 0 /tmp/output) $(base64 -w 0 /tmp/answer)"
done
