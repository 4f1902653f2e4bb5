"""What programs ask: the board and its feed, the ledger, rules, the prompt, the gateway, plugins, how this process is."""
