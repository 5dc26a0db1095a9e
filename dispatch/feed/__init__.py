"""The journal as people receive it, and the state of things at one moment."""
