# The initramfs and the root disk. Sourced by run.

# The modules needed to reach a virtio disk, and zram for swap. A kernel that has one built in simply lacks the file.
# Each after those it depends on.
GUEST_MODULES=(
  virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk
  lz4_compress lz4hc_compress lz4 lz4hc zstd_compress zstd lzo lzo-rle 842_compress zsmalloc zram
)
# What a JVM server may use; no desktop, it would want X libraries.
JDK_MODULES=java.base,java.compiler,java.instrument,java.logging,java.management,java.management.rmi,java.naming,java.net.http,java.scripting,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.attach,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr,jdk.management,jdk.management.agent,jdk.net,jdk.unsupported,jdk.zipfs
ROOT_DISK_SIZE=2G

prepare_images() {
  prepare_debian
  local kernel
  for kernel; do
    fetch_kernel "$kernel"
    build_initramfs "$kernel"
  done
  fetch_oomd
  build_programs
  build_root_disk
}

build_programs() {
  mkdir -p "$CACHE/bin"
  local source
  for source in "$LAB"/guest/*.c; do
    gcc -static -O2 -Wall -Wextra -Werror -o "$CACHE/bin/$(basename "$source" .c)" "$source" ||
      fail_environment "could not compile $source"
  done
}

# build_initramfs SERIES: $CACHE/kernels/SERIES/initramfs
build_initramfs() {
  local folder=$CACHE/kernels/$1 tree
  local target=$folder/initramfs
  [[ -f $target && $target -nt $folder/version && $target -nt $LAB/guest/init && $target -nt $LAB/lib/image.sh ]] && return
  tree=$(mktemp -d "$WORK/initramfs.XXXXXX")
  mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
  cp "$(command -v busybox)" "$tree/bin/busybox"
  install -m 755 "$LAB/guest/init" "$tree/init"
  copy_modules "$folder/modules" "$tree/modules"
  (cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$target"
  rm -rf "$tree"
}

# Copies the modules that are there, unpacked, and their order.
copy_modules() {
  local from=$1 to=$2 name file
  for name in "${GUEST_MODULES[@]}"; do
    file=$(find "$from" -name "$name.ko" -o -name "$name.ko.xz" -o -name "${name//_/-}.ko" -o -name "${name//_/-}.ko.xz" | head -n 1)
    case $file in
      '') continue ;;
      *.xz) xz -dc "$file" >"$to/$name.ko" ;;
      *) cp "$file" "$to/$name.ko" ;;
    esac
    printf '%s\n' "$name.ko" >>"$to/order"
  done
}

# The root disk holds what changes rarely: busybox, a JDK with the C library it needs, oomd. The job comes on a disk of its own.
build_root_disk() {
  local target=$CACHE/root.img key tree
  key=$(cat "$JDK/release" "$LAB/lib/image.sh" "$CACHE/oomd/version" | sha256sum)
  [[ -f $target && $(cat "$target.key" 2>/dev/null) == "$key" ]] && return
  say "building the root disk with a JDK from $JDK"
  tree=$(mktemp -d "$WORK/root.XXXXXX")
  mkdir -p "$tree"/{bin,dev,proc,sys,tmp,run,opt,etc,root,job,lib64,data}
  cp "$(command -v busybox)" "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
  mkdir -p "$tree/usr/bin"
  ln -s /bin/busybox "$tree/usr/bin/env"
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$tree/etc/passwd"
  printf '127.0.0.1 localhost\n' >"$tree/etc/hosts"
  quietly "$JDK/bin/jlink" --add-modules "$JDK_MODULES" --strip-debug --no-header-files --no-man-pages \
    --generate-cds-archive --output "$tree/opt/jdk" || fail_environment "jlink of $JDK failed"
  # A whole JDK also brings the archive of classes for compact object headers; jlink leaves that one out.
  quietly "$tree/opt/jdk/bin/java" -XX:+UseCompactObjectHeaders -Xshare:dump ||
    fail_environment "the linked JDK could not write its class archive"
  copy_libraries "$tree"
  cp -a "$CACHE/oomd/files" "$tree/opt/oomd"
  rm -f "$target"
  truncate -s "$ROOT_DISK_SIZE" "$target"
  quietly mkfs.ext4 -q -d "$tree" -E lazy_itable_init=0,lazy_journal_init=0 "$target" || fail_environment "mkfs.ext4 failed on $target"
  rm -rf "$tree"
  printf '%s' "$key" >"$target.key"
}

# Copies the shared libraries that the JDK in the tree wants of this machine, under the same paths.
copy_libraries() {
  local tree=$1 library
  find "$tree/opt/jdk" \( -name '*.so' -o -path '*/bin/*' \) -type f -exec ldd {} + 2>/dev/null |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/.*ld-linux/ { print $1 }' | sort -u |
    while read -r library; do
      case $library in "$tree"/*) continue ;; esac
      mkdir -p "$tree$(dirname "$library")"
      cp -L "$library" "$tree$library"
    done
}
