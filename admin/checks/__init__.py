"""What `winnow doctor` looks at, a file a part of the deployment, a function a check: it yields what is wrong."""
