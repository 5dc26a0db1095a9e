"""What a deployer should see right: `flask --app wsgi check`. Each check looks at one thing, changes nothing, and says
what to do where something is wrong."""
