/** What may not pass between the house and a bridge of the host, as text for `nft -f`. Pure. */

/**
 * The house itself is not on that network: nobody there hears its name server, and it hears nobody. Guests get their
 * addresses from us, so no question for one leaves and no answer comes in, and no guest says that it is a router.
 */
export function outsideRules(): string {
  return `table bridge guesthouse {}
delete table bridge guesthouse
table bridge guesthouse {
  chain g_forward {
    type filter hook forward priority filter; policy accept;
    iifname "gb*" udp dport { 67, 68, 546, 547 } drop
    oifname "gb*" udp dport { 67, 68, 546, 547 } drop
    oifname "gb*" icmpv6 type { nd-router-advert, nd-redirect } drop
    oifname "gb*" icmp type redirect drop
  }
  chain g_input {
    type filter hook input priority filter; policy accept;
    iifname "gb*" drop
  }
  chain g_output {
    type filter hook output priority filter; policy accept;
    oifname "gb*" drop
  }
}
`;
}
