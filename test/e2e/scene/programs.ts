/** Small programs that give guests something believable to do: they answer, ask, write, remember and die. */

/** Perl of Debian's base: an HTTP service on port 3000 that computes, caches and keeps a journal, with a log. */
export const ORDERS_API = String.raw`
use IO::Socket::IP; $| = 1; my ($n, @cache) = (8840);
my $s = IO::Socket::IP->new(LocalHost => '::', V6Only => 0, LocalPort => 3000, Listen => 64, ReuseAddr => 1) or die;
while (my $c = $s->accept) {
  my $line = <$c>; while (<$c>) { last if /^\r?\n$/ } my ($path) = $line =~ /^\S+ (\S+)/; $n++;
  my $busy = sin(time / 17) ** 2; my $x = 0; $x += sqrt $_ for 1 .. 150000 + 1500000 * $busy ** 3;
  $cache[$n % 400] = 'x' x (100000 + 250000 * rand);
  if ($n % 3 == 0) { my $size = -s '/var/tmp/journal' || 0; open my $f, $size > 5e7 ? '>' : '>>', '/var/tmp/journal'; print $f 'j' x (150000 + 900000 * $busy * rand); close $f }
  my ($code, $look, $level) = rand() < .04 ? (503, 31, 'error') : rand() < .1 ? (429, 33, 'warn ') : (200, 2, 'info ');
  print $c "HTTP/1.0 $code\r\n\r\n", '{"order":' . $n . '}' x (4000 + 20000 * $busy); close $c;
  my @t = localtime; printf "\e[2m%02d:%02d:%02d\e[0m \e[%dm%s\e[0m %s %d %d ms%s\n", @t[2, 1, 0], $look, $level, "GET $path", $code, 3 + 40 * $busy, $code == 503 ? ': pool timeout' : '';
}`;

/** Asks the service above, in waves. */
export const STOREFRONT = `
httpd -p 8080 -h /; n=0
while true; do
  n=$((n + 1)); at=$((n % 9)); [ $at -gt 4 ] && at=$((9 - at))
  for i in $(seq $((2 + at * 2))); do wget -qO /dev/null "http://orders-api:3000/orders?page=$n$i"; done; sleep 1
done`;

/** Holds some memory and turns it over. */
export const QUEUE = `
nc -lk -p 4222 -e true & while true; do
  head -c $((20000000 + 1$(date +%S) * 100000)) /dev/zero > /dev/shm/queue; i=0; while [ $i -lt 9000 ]; do i=$((i + 1)); done; sleep 1
done`;

/** Wants more memory than it may have. */
export const MAIL_ARCHIVE = 'echo reading mail.mbox; sleep 1; head -c 500m /dev/zero | tail';
