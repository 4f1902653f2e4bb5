"""What every address needs: who asks, what is asked, how it is answered, over HTTP and sockets."""
