"""What the control desk asks for beside the API: its pages, what is pressed there, and what its views show."""
